import type { InhibitRule } from "@monotreme/alertmanager-config";
import { FakeClock } from "@monotreme/clock/testing";
import { createSilentLogger } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import type { Alert, LabelSet } from "../alerts/alert.ts";
import { AlertStore } from "../alerts/alert-store.ts";
import { MemoryAlertBucket } from "../alerts/memory-alert-bucket.ts";
import { inhibitRuleOf } from "../engine/routing-fixture.ts";
import { Inhibitor } from "./inhibitor.ts";

const NOW = 1_000_000;

const alert = (fingerprint: string, labels: LabelSet, endsAtMs = NOW + 1000): Alert => ({
  fingerprint,
  labels,
  annotations: {},
  startsAtMs: NOW - 1000,
  endsAtMs,
  updatedAtMs: NOW,
  generatorUrl: "",
  isTimeout: false,
});

describe("inhibitor", () => {
  const open = async (rules: readonly InhibitRule[], alerts: readonly Alert[]) => {
    const clock = new FakeClock(NOW);
    const store = await AlertStore.open({ bucket: new MemoryAlertBucket(), clock, logger: createSilentLogger() });
    await store.put(alerts);
    return { store, inhibitor: new Inhibitor(rules, store) };
  };
  const f = async (rule: InhibitRule, alerts: readonly Alert[], target: LabelSet): Promise<string | undefined> =>
    (await open([rule], alerts)).inhibitor.inhibitedBy(target, NOW);

  test("a target is inhibited by a firing source that agrees in all equal labels", async () => {
    const rule = inhibitRuleOf(['s="1"'], ['t="1"'], ["e", "x"]);
    const source = alert("source", { s: "1", e: "a" });
    expect(await f(rule, [source], { t: "1", e: "a" })).toBe("source");
    expect(await f(rule, [source], { t: "1", e: "b" })).toBeUndefined();
    expect(await f(rule, [source], { t: "1", e: "a", x: "only here" })).toBeUndefined();
    expect(await f(rule, [source], { t: "2", e: "a" })).toBeUndefined();
    expect(await f(rule, [alert("source", { s: "2", e: "a" })], { t: "1", e: "a" })).toBeUndefined();
    expect(await f(rule, [alert("source", { s: "1", e: "a" }, NOW)], { t: "1", e: "a" })).toBeUndefined();
  });

  test("values of equal labels do not run into each other", async () => {
    const rule = inhibitRuleOf(['s="1"'], ['t="1"'], ["a", "b"]);
    expect(await f(rule, [alert("source", { s: "1", a: "1", b: "23" })], { t: "1", a: "12", b: "3" })).toBeUndefined();
  });

  test("who matches both sides is not inhibited by others that do, nor by itself", async () => {
    const rule = inhibitRuleOf(['a=~"x|both"'], ['a=~"y|both"']);
    const both = alert("both", { a: "both" });
    expect(await f(rule, [both], { a: "both" })).toBeUndefined();
    expect(await f(rule, [both], { a: "y" })).toBe("both");
    const longer = alert("both", { a: "both" }, NOW + 5000);
    expect(await f(rule, [longer, alert("pure", { a: "x" })], { a: "both" })).toBe("pure");
  });

  test("of several sources the one that fires longest is named, and the first rule wins", async () => {
    const sources = [
      alert("short", { s: "1" }),
      alert("long", { s: "1" }, NOW + 5000),
      alert("other", { o: "1" }, NOW + 9000),
    ];
    const rules = [inhibitRuleOf(['s="1"'], ['t="1"']), inhibitRuleOf(['o="1"'], ['t="1"'])];
    const { inhibitor } = await open(rules, sources);
    expect(inhibitor.inhibitedBy({ t: "1" }, NOW)).toBe("long");
  });

  test("sources come and go", async () => {
    const { store, inhibitor } = await open([inhibitRuleOf(['s="1"'], ['t="1"'])], []);
    expect(inhibitor.inhibitedBy({ t: "1" }, NOW)).toBeUndefined();
    await store.put([alert("source", { s: "1" })]);
    expect(inhibitor.inhibitedBy({ t: "1" }, NOW)).toBe("source");
    await store.put([{ ...alert("source", { s: "1" }, NOW), updatedAtMs: NOW + 1 }]);
    expect(inhibitor.inhibitedBy({ t: "1" }, NOW)).toBeUndefined();
    await store.collectGarbage(NOW + 1, () => false);
    expect(store.size).toBe(0);
    inhibitor.close();
    await store.put([alert("source", { s: "1" })]);
    expect(inhibitor.inhibitedBy({ t: "1" }, NOW)).toBeUndefined();
  });
});
