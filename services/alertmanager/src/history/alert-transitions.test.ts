import { describe, expect, test } from "vitest";
import { CoreFixture } from "../engine/core-fixture.ts";
import { configOf } from "../engine/routing-fixture.ts";
import { AlertTransitions } from "./alert-transitions.ts";

describe("alert transitions", () => {
  const follow = (core: CoreFixture) => {
    const told: string[] = [];
    const start = core.clock.now() - core.second * 1000;
    const transitions = new AlertTransitions(core.alerts, core.clock, {
      alertChanged: ({ labels }, change, atMs) =>
        told.push(`${(atMs - start) / 1000} ${labels["alertname"]} ${change}`),
      notified: () => undefined,
    });
    return { told, transitions };
  };

  test("starts and ends are told once each, ends by time too", async () => {
    const core = await CoreFixture.start(configOf({}));
    const { told, transitions } = follow(core);
    await core.fire("A");
    await core.until(2);
    await core.fire("A", {}, { endsAtMs: core.clock.now() + 20_000, startsAtMs: core.clock.now() - 2000 });
    await core.post("B", {}, { endsAtMs: core.clock.now() + 5000, startsAtMs: core.clock.now() });
    await core.until(4);
    await core.resolve("A");
    await core.until(30);
    expect(told).toEqual(["0 A firing", "2 B firing", "4 A resolved", "7 B resolved"]);
    await core.fire("A");
    transitions.close();
    await core.fire("C");
    expect(told.slice(4)).toEqual(["30 A firing"]);
  });

  test("who takes over tells what is recent again, and ends what was told by another", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("Old");
    await core.until(700);
    await core.fire("Recent");
    const { told } = follow(core);
    expect(told).toEqual(["700 Recent firing"]);
    await core.resolve("Old");
    expect(told).toEqual(["700 Recent firing", "700 Old resolved"]);
  });
});
