import { describe, expect, test } from "vitest";
import { CoreFixture } from "./core-fixture.ts";
import { configOf, inhibitRuleOf } from "./routing-fixture.ts";

describe("views", () => {
  const start = async (): Promise<CoreFixture> => {
    const routes = [{ receiver: "team", matchers: ['team="a"'], continues: true }, { receiver: "rest" }];
    const rules = [inhibitRuleOf(['alertname="Down"'], ['alertname="Slow"'])];
    return CoreFixture.start(configOf({ groupBy: ["alertname"], routes }, { inhibitRules: rules }));
  };
  const alertOf = (core: CoreFixture, name: string) => {
    for (const alert of core.alerts.values()) if (alert.labels["alertname"] === name) return alert;
    throw new Error(`no alert ${name}`);
  };

  test("an alert has the receivers of its routes and what holds it back", async () => {
    const core = await start();
    await core.fire("Slow", { team: "a" });
    const { views } = core.plan;
    expect(views.receiversOf(alertOf(core, "Slow"))).toEqual(["team", "rest"]);
    expect(views.statusOf(alertOf(core, "Slow"))).toEqual({ state: "active", silencedBy: [], inhibitedBy: [] });
    await core.fire("Down");
    core.silencedNames.add("Slow");
    expect(views.statusOf(alertOf(core, "Slow"))).toEqual({
      state: "suppressed",
      silencedBy: ["silence of Slow"],
      inhibitedBy: [alertOf(core, "Down").fingerprint],
    });
  });

  test("groups hold what has not ended, by labels and receiver", async () => {
    const core = await start();
    await core.fire("B", { team: "a" });
    await core.fire("A");
    await core.fire("A", { x: "y" });
    await core.fire("C");
    await core.resolve("C");
    const groups = core.plan.views.groups(({ labels }) => labels["x"] === undefined);
    expect(groups.map(({ labels, receiver, alerts }) => [labels["alertname"], receiver, alerts.length])).toEqual([
      ["A", "rest", 1],
      ["B", "rest", 1],
      ["B", "team", 1],
    ]);
  });

  test("the same on a replica that does not dispatch", async () => {
    const core = await start();
    const other = await CoreFixture.start(core.plan.config, { shared: core });
    other.dispatcher.close();
    await core.fire("A");
    expect(other.plan.views.groups(() => true)).toEqual(core.plan.views.groups(() => true));
  });
});
