import { FIVE_MINUTES, ONE_HOUR, RAW } from "@monotreme/blocks";
import { Labels } from "@monotreme/model";
import { parseSelector } from "@monotreme/promql";
import { expect, test } from "vitest";
import { DEFAULT_RETENTION, type RetentionClass } from "./retention-class.ts";
import { horizonOf, RetentionPolicy } from "./retention-policy.ts";

const DAY_MS = 86_400_000;

function retentionClass(name: string, change: Partial<RetentionClass>): RetentionClass {
  return { name, tenants: undefined, matcherSets: undefined, times: DEFAULT_RETENTION, ...change };
}

function policyOf(...classes: readonly RetentionClass[]): RetentionPolicy {
  return new RetentionPolicy({ defaults: DEFAULT_RETENTION, classes, maxSizeBytes: undefined });
}

test("retention policy - the first class that a series belongs to counts", () => {
  const policy = policyOf(
    retentionClass("debug", { matcherSets: [parseSelector('{__name__=~"debug_.*"}'), parseSelector('up{job="x"}')] }),
    retentionClass("mine", { tenants: new Set(["a"]), matcherSets: [parseSelector('{job="x"}')] }),
    retentionClass("late", { matcherSets: [parseSelector('{job="x", __name__!="up"}')] }),
    retentionClass("tenant/b", { tenants: new Set(["b"]) }),
  );
  const f = (tenant: string, labels: Record<string, string>, expected: string): void => {
    // Twice, because the second time the metric is known.
    expect(policy.classOfSeries(tenant, Labels.fromObject(labels))).toBe(expected);
    expect(policy.classOfSeries(tenant, Labels.fromObject(labels))).toBe(expected);
  };
  f("a", { __name__: "debug_x", job: "x" }, "debug");
  f("a", { __name__: "up", job: "x" }, "debug");
  f("a", { __name__: "up", job: "y" }, "default");
  f("b", { __name__: "up", job: "y" }, "tenant/b");
  f("a", { __name__: "down", job: "x" }, "mine");
  f("b", { __name__: "down", job: "x" }, "late");
  f("c", { __name__: "down" }, "default");
  f("c", { job: "x" }, "late");
});

test("retention policy - a class that is not in it counts as the default one", () => {
  const times = { rawMs: 7 * DAY_MS, fiveMinutesMs: 0, oneHourMs: Infinity };
  const policy = policyOf(retentionClass("short", { times }));
  const nowMs = 1000 * DAY_MS;
  expect(horizonOf(policy, "short", RAW, nowMs)).toBe(nowMs - 7 * DAY_MS);
  expect(horizonOf(policy, "short", FIVE_MINUTES, nowMs)).toBe(nowMs);
  expect(horizonOf(policy, "short", ONE_HOUR, nowMs)).toBe(-Infinity);
  expect(horizonOf(policy, "gone", RAW, nowMs)).toBe(nowMs - 90 * DAY_MS);
});

test("retention policy - buckets are made where they or coarser ones are kept", () => {
  const f = (rawDays: number, fiveMinutesDays: number, oneHourDays: number, made: readonly boolean[]): void => {
    const [rawMs, fiveMinutesMs, oneHourMs] = [rawDays * DAY_MS, fiveMinutesDays * DAY_MS, oneHourDays * DAY_MS];
    const policy = policyOf(retentionClass("x", { times: { rawMs, fiveMinutesMs, oneHourMs } }));
    expect([RAW, FIVE_MINUTES, ONE_HOUR].map((resolution) => policy.isMade("x", resolution))).toEqual(made);
  };
  f(7, 0, 0, [true, false, false]);
  f(0, 7, 0, [true, true, false]);
  f(7, 0, 7, [true, true, true]);
});
