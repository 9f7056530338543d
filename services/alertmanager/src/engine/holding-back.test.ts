import { describe, expect, test } from "vitest";
import { CoreFixture } from "./core-fixture.ts";
import { configOf, inhibitRuleOf } from "./routing-fixture.ts";

const NIGHT = {
  name: "night",
  specs: [
    {
      times: [{ startMinute: 0, endMinute: 5 }],
      weekdays: undefined,
      daysOfMonth: undefined,
      months: undefined,
      years: undefined,
      location: undefined,
    },
  ],
};

describe("silences", () => {
  test("a silenced alert is told once the silence is over", async () => {
    const core = await CoreFixture.start(configOf({}));
    core.silencedNames.add("A");
    await core.fire("A");
    expect(await core.until(100)).toEqual([]);
    core.silencedNames.clear();
    expect(await core.until(200)).toEqual(["130 default/webhook first notification: A"]);
  });

  test("only the silenced alert of a group is left out", async () => {
    const core = await CoreFixture.start(configOf({}));
    core.silencedNames.add("A");
    await core.fire("A");
    await core.fire("B");
    expect(await core.until(60)).toEqual(["10 default/webhook first notification: B"]);
    core.silencedNames.clear();
    expect(await core.until(200)).toEqual(["70 default/webhook new alerts added: A B"]);
  });

  test("what resolves under a silence is told when the silence ends", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A");
    await core.until(20);
    core.silencedNames.add("A");
    await core.resolve("A");
    expect(await core.until(300)).toEqual([]);
    core.silencedNames.clear();
    expect(await core.until(400)).toEqual(["310 default/webhook all alerts resolved: -A"]);
  });

  test("what resolves under a silence is told too where the rest of its group was told again meanwhile", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A");
    await core.fire("B");
    await core.until(20);
    core.silencedNames.add("A");
    await core.resolve("A");
    await core.fire("C");
    expect(await core.until(300)).toEqual(["70 default/webhook new alerts added: B C"]);
    core.silencedNames.clear();
    expect(await core.until(400)).toEqual(["310 default/webhook some alerts resolved: -A B C"]);
  });

  test("a silence may last longer than the log keeps entries", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A");
    await core.until(20);
    core.silencedNames.add("A");
    await core.resolve("A");
    expect(await core.until(20_000)).toEqual([]);
    core.silencedNames.clear();
    expect(await core.until(20_100)).toEqual(["20050 default/webhook all alerts resolved: -A"]);
  });

  test("as an option what resolves under a silence is told at once", async () => {
    const core = await CoreFixture.start(configOf({}), { heldBackResolved: "immediately" });
    await core.fire("A");
    await core.until(20);
    core.silencedNames.add("A");
    expect(await core.until(100)).toEqual([]);
    await core.resolve("A");
    expect(await core.until(400)).toEqual(["130 default/webhook all alerts resolved: -A"]);
  });

  test("what was never told to fire is not told to be resolved", async () => {
    for (const heldBackResolved of ["afterwards", "immediately"] as const) {
      const core = await CoreFixture.start(configOf({}), { heldBackResolved });
      core.silencedNames.add("A");
      await core.fire("A");
      await core.until(20);
      await core.resolve("A");
      await core.until(100);
      core.silencedNames.clear();
      expect(await core.until(400)).toEqual([]);
    }
  });

  test("an alert that goes on after a silence is not told again before repeat_interval", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A");
    await core.until(20);
    core.silencedNames.add("A");
    await core.until(200);
    core.silencedNames.clear();
    expect(await core.until(669)).toEqual([]);
    expect(await core.until(670)).toEqual(["670 default/webhook repeat interval elapsed: A"]);
  });

  test("alerts that were held back are counted by reason", async () => {
    const core = await CoreFixture.start(configOf({}));
    core.silencedNames.add("A");
    await core.fire("A", { host: "1" });
    await core.fire("A", { host: "2" });
    await core.until(10);
    const { values } = await core.metrics.notifications.suppressed.get();
    expect(values.filter(({ value }) => value > 0)).toEqual([{ labels: { reason: "silence" }, value: 2 }]);
  });
});

describe("inhibition", () => {
  const rules = [inhibitRuleOf(['severity="critical"'], ['severity="warning"'], ["host"])];

  test("a target is held back while a source with the same labels fires", async () => {
    const core = await CoreFixture.start(configOf({ groupBy: ["alertname"] }, { inhibitRules: rules }));
    await core.fire("Down", { severity: "critical", host: "1" });
    await core.fire("Slow", { severity: "warning", host: "1" });
    await core.fire("Full", { severity: "warning", host: "2" });
    expect(await core.until(60)).toEqual([
      "10 default/webhook first notification: Down",
      "10 default/webhook first notification: Full",
    ]);
    await core.resolve("Down", { severity: "critical", host: "1" });
    expect(await core.until(75)).toEqual([
      "70 default/webhook all alerts resolved: -Down",
      "70 default/webhook first notification: Slow",
    ]);
  });

  test("a target that resolves while it is inhibited is told afterwards", async () => {
    const core = await CoreFixture.start(configOf({ groupBy: ["alertname"] }, { inhibitRules: rules }));
    await core.fire("Slow", { severity: "warning", host: "1" });
    await core.until(20);
    await core.fire("Down", { severity: "critical", host: "1" });
    await core.resolve("Slow", { severity: "warning", host: "1" });
    expect(await core.until(100)).toEqual(["30 default/webhook first notification: Down"]);
    await core.resolve("Down", { severity: "critical", host: "1" });
    expect(await core.until(200)).toEqual([
      "130 default/webhook all alerts resolved: -Slow",
      "150 default/webhook all alerts resolved: -Down",
    ]);
  });

  test("sources that are known at the start inhibit from the first flush on", async () => {
    const config = configOf({ groupBy: ["alertname"] }, { inhibitRules: rules });
    const first = await CoreFixture.start(config);
    await first.fire("Slow", { severity: "warning", host: "1" });
    await first.fire("Down", { severity: "critical", host: "1" });
    await first.until(5);
    await first.kill();
    const second = await CoreFixture.start(config, { shared: first });
    expect(await second.until(100)).toEqual(["10 default/webhook first notification: Down"]);
  });
});

describe("time intervals", () => {
  test("a muted route tells nothing until the interval ends", async () => {
    const core = await CoreFixture.start(configOf({ muteTimeIntervals: ["night"] }, { timeIntervals: [NIGHT] }));
    await core.fire("A");
    expect(await core.until(299)).toEqual([]);
    expect(await core.until(320)).toEqual(["310 default/webhook first notification: A"]);
  });

  test("a route tells something while one of its active intervals is on", async () => {
    const core = await CoreFixture.start(configOf({ activeTimeIntervals: ["night"] }, { timeIntervals: [NIGHT] }));
    await core.fire("A");
    expect(await core.until(15)).toEqual(["10 default/webhook first notification: A"]);
    await core.until(290);
    await core.fire("B");
    expect(await core.until(1000)).toEqual([]);
  });

  test("intervals hold for their own route, not for its children", async () => {
    const route = { muteTimeIntervals: ["night"], routes: [{ receiver: "child", matchers: ['a="b"'] }] };
    const core = await CoreFixture.start(configOf(route, { timeIntervals: [NIGHT] }));
    await core.fire("A", { a: "b" });
    await core.fire("B");
    expect(await core.until(100)).toEqual(["10 child/webhook first notification: A"]);
    expect(core.plan.views.groups(() => true).map(({ receiver, mutedBy }) => [receiver, mutedBy])).toEqual([
      ["child", []],
      ["default", ["night"]],
    ]);
  });
});
