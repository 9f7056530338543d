import { describe, expect, test } from "vitest";
import { CoreFixture } from "./core-fixture.ts";
import { configOf } from "./routing-fixture.ts";

describe("grouping", () => {
  test("a new group waits for group_wait and takes in what comes meanwhile", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.until(1);
    await core.fire("A");
    await core.until(8);
    await core.fire("B");
    expect(await core.until(11)).toEqual(["11 default/webhook first notification: A B"]);
  });

  test("an alert that has been active for longer than group_wait is told at once", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.until(20);
    await core.fire("A", {}, { startsAtMs: core.clock.now() - 11_000 });
    expect(await core.until(21)).toEqual(["20.1 default/webhook first notification: A"]);
  });

  test("an old alert does not shorten the wait of a group that exists", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A");
    await core.until(5);
    await core.fire("B", {}, { startsAtMs: core.clock.now() - 60_000 });
    expect(await core.until(9)).toEqual([]);
    expect(await core.until(10)).toEqual(["10 default/webhook first notification: A B"]);
  });

  test("what joins later waits for group_interval", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A");
    await core.until(12);
    await core.fire("B");
    expect(await core.until(69)).toEqual([]);
    expect(await core.until(70)).toEqual(["70 default/webhook new alerts added: A B"]);
  });

  test("nothing new is told until repeat_interval, and then at the next group_interval", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A");
    await core.until(10);
    // The message of second 10 is exactly 600 s old at second 610, which is not more than repeat_interval.
    expect(await core.until(669)).toEqual([]);
    expect(await core.until(670)).toEqual(["670 default/webhook repeat interval elapsed: A"]);
  });

  test("an alert that fires and resolves within group_wait is never told", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A");
    await core.until(5);
    await core.resolve("A");
    expect(await core.until(1000)).toEqual([]);
  });

  test("alerts are grouped by the labels named, and each group has times of its own", async () => {
    const core = await CoreFixture.start(configOf({ groupBy: ["cluster"] }));
    await core.fire("A", { cluster: "x" });
    await core.until(5);
    await core.fire("B", { cluster: "y" });
    await core.fire("C");
    expect(await core.until(20)).toEqual([
      "10 default/webhook first notification: A",
      "15 default/webhook first notification: B",
      "15 default/webhook first notification: C",
    ]);
    expect(core.notifications.map(({ groupLabels }) => groupLabels)).toEqual([{ cluster: "x" }, { cluster: "y" }, {}]);
    expect(core.notifications.map(({ groupKey }) => groupKey)).toEqual([
      '{}:{cluster="x"}',
      '{}:{cluster="y"}',
      "{}:{}",
    ]);
  });

  test("each matching route has groups of its own", async () => {
    const routes = [
      { receiver: "team", matchers: ['team="a"'], continues: true, groupWaitMs: 2000 },
      { receiver: "pager", matchers: ['severity="page"'] },
    ];
    const core = await CoreFixture.start(configOf({ routes }));
    await core.fire("A", { team: "a", severity: "page" });
    await core.fire("B");
    expect(await core.until(10)).toEqual([
      "2 team/webhook first notification: A",
      "10 pager/webhook first notification: A",
      "10 default/webhook first notification: B",
    ]);
  });

  test("alerts stand in the order of job, instance and labels", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("Z", { job: "b", instance: "1" });
    await core.fire("Y", { job: "a", instance: "2" });
    await core.fire("X", { job: "a", instance: "1" });
    await core.fire("W", { job: "a", instance: "1" });
    await core.fire("V");
    expect(await core.until(10)).toEqual(["10 default/webhook first notification: V W X Y Z"]);
  });

  test("no group is flushed before the start delay is over", async () => {
    const core = await CoreFixture.start(configOf({}), { startDelayMs: 30_000 });
    await core.fire("A", {}, { startsAtMs: core.clock.now() - 60_000 });
    expect(await core.until(29)).toEqual([]);
    expect(await core.until(30)).toEqual(["30 default/webhook first notification: A"]);
  });

  test("groups count while they have alerts", async () => {
    const core = await CoreFixture.start(configOf({ groupBy: ["alertname"] }));
    const groups = async (): Promise<number> => (await core.metrics.dispatcher.groups.get()).values[0]?.value ?? 0;
    await core.fire("A");
    await core.fire("B");
    expect(await groups()).toBe(2);
    await core.until(10);
    await core.resolve("A");
    await core.until(70);
    expect(await groups()).toBe(1);
  });
});
