import { describe, expect, test } from "vitest";
import { CoreFixture } from "./core-fixture.ts";
import { configOf } from "./routing-fixture.ts";

describe("resolving", () => {
  test("all resolved is told at the next group_interval, and the group is gone", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A");
    await core.until(15);
    await core.resolve("A");
    expect(await core.until(1000)).toEqual(["70 default/webhook all alerts resolved: -A"]);
    await core.fire("A");
    expect(await core.until(1010)).toEqual(["1010 default/webhook first notification: A"]);
  });

  test("some resolved are told together with what fires, once", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A");
    await core.fire("B");
    await core.until(15);
    await core.resolve("A");
    expect(await core.until(400)).toEqual(["70 default/webhook some alerts resolved: -A B"]);
  });

  test("an alert that is not sent any more is resolved at its end", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.post("A", {}, {});
    await core.until(10);
    expect(await core.until(309)).toEqual([]);
    expect(await core.until(400)).toEqual(["310 default/webhook all alerts resolved: -A"]);
  });

  test("an alert that resolves and fires again between two flushes is not told", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A");
    await core.until(20);
    await core.resolve("A");
    await core.until(40);
    await core.fire("A");
    expect(await core.until(400)).toEqual([]);
  });

  test("an alert that fires again after all were told is a first notification", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A");
    await core.until(20);
    await core.resolve("A");
    await core.until(75);
    await core.fire("A");
    expect(await core.until(90)).toEqual(["85 default/webhook first notification: A"]);
  });

  test("an alert that fires again while another went on is a new one", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A");
    await core.fire("B");
    await core.until(20);
    await core.resolve("A");
    await core.until(80);
    await core.fire("A");
    expect(await core.until(200)).toEqual(["130 default/webhook new alerts added: A B"]);
  });

  test("without send_resolved the log knows and nobody is told", async () => {
    const core = await CoreFixture.start(configOf({}), { integrations: [{ name: "email", sendResolved: false }] });
    await core.fire("A");
    await core.until(20);
    await core.resolve("A");
    expect(await core.until(80)).toEqual([]);
    await core.fire("A");
    expect(await core.until(95)).toEqual(["90 default/email first notification: A"]);
  });

  test("without send_resolved what is resolved is left out of mixed messages", async () => {
    const core = await CoreFixture.start(configOf({}), { integrations: [{ name: "email", sendResolved: false }] });
    await core.fire("A");
    await core.fire("B");
    await core.until(20);
    await core.resolve("A");
    expect(await core.until(65)).toEqual([]);
    await core.fire("C");
    expect(await core.until(80)).toEqual(["70 default/email new alerts added: B C"]);
  });

  test("firing alerts have no end, resolved ones the end they were given", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A");
    await core.until(20);
    await core.resolve("A");
    await core.until(80);
    const ends = core.notifications.map(({ alerts }) => alerts.map(({ startsAt, endsAt }) => [startsAt, endsAt]));
    expect(ends).toEqual([[["2026-01-01T00:00:00Z", null]], [["2026-01-01T00:00:00Z", "2026-01-01T00:00:20Z"]]]);
  });

  test("a change of annotations alone is not told", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A", {}, { annotations: { summary: "one" } });
    await core.until(20);
    await core.fire("A", {}, { annotations: { summary: "two" } });
    expect(await core.until(400)).toEqual([]);
  });
});
