import { SETTLED_AFTER_MS } from "@monotreme/contracts";
import { parseExpression } from "@monotreme/promql";
import { expect, test } from "vitest";
import { type CacheShape, cacheShapeOf, dependencyOf } from "./cache-shape.ts";
import { timeOf } from "./step-matrix.ts";

const MINUTE_MS = 60_000;
const NOW_MS = Date.UTC(2026, 5, 1, 12, 0, 7);
const START_MS = NOW_MS - 3_600_000;
const EVERYTHING = {
  experimentalFunctions: true,
  extendedRangeSelectors: true,
  binopFillModifiers: true,
  durationExpressions: true,
};
const plan = { lookbackMs: 5 * MINUTE_MS, defaultSubqueryStepMs: MINUTE_MS };

function shapeOf(
  query: string,
  changes: { endMs?: number; stepMs?: number; tenant?: string } = {},
): CacheShape | undefined {
  const { endMs = NOW_MS, stepMs = MINUTE_MS, tenant = "t" } = changes;
  const expression = parseExpression(query, EVERYTHING);
  return cacheShapeOf({ tenant, expression, range: { startMs: START_MS, endMs, stepMs }, plan, language: {} }, NOW_MS);
}

test("cache shape - the newest steps that are kept read nothing of the last minutes", () => {
  const lastSettledMs = (query: string): number => {
    const shape = shapeOf(query);
    return shape === undefined ? Number.NaN : timeOf(shape.grid, shape.lastSettledStep);
  };
  const settled = NOW_MS - SETTLED_AFTER_MS;
  expect(lastSettledMs("up")).toBe(settled);
  expect(lastSettledMs("rate(x[5m]) / time()")).toBe(settled);
  expect(lastSettledMs("up offset 30m")).toBe(NOW_MS);
  expect(lastSettledMs("up offset -3m")).toBe(settled - 3 * MINUTE_MS);
  expect(lastSettledMs(`up @ ${START_MS / 1000}`)).toBe(NOW_MS);
  expect(lastSettledMs("max_over_time(rate(x[5m])[30m:7m] offset 1m)")).toBeGreaterThanOrEqual(settled);
  expect(lastSettledMs("vector(1)")).toBe(NOW_MS);
});

test.each([
  "up @ end()",
  "sum(rate(x[5m] @ start()))",
  "max_over_time(x[5m:1m] @ end())",
  "rate(x[range()])",
  "x offset (1m + range())",
  "limitk(2, x)",
  `up @ ${NOW_MS / 1000}`,
  "up offset -2h",
])("cache shape - %s is not kept", (query) => {
  expect(shapeOf(query)).toBeUndefined();
});

test("cache shape - one key for one meaning", () => {
  const keyOf = (...parameters: Parameters<typeof shapeOf>): string | undefined => shapeOf(...parameters)?.key;
  expect(keyOf("sum(rate(x[300s]))")).toBe(keyOf("sum ( rate(x[5m]) )"));
  expect(keyOf("x")).toBe(keyOf("x", { endMs: NOW_MS + 5 * MINUTE_MS }));
  const others = [
    keyOf("y"),
    keyOf("x", { tenant: "u" }),
    keyOf("x", { stepMs: 30_000 }),
    keyOf("x", { stepMs: 17_000 }),
  ];
  expect(new Set([keyOf("x"), ...others]).size).toBe(5);
});

test("cache shape - a step depends on what its windows, offsets and subqueries reach", () => {
  const shape = shapeOf("x");
  const rangeOf = (query: string): number => {
    if (shape === undefined) return Number.NaN;
    const expression = parseExpression(query, EVERYTHING);
    const { fromMs } = dependencyOf({ expression, plan }, shape.grid, shape.firstStep, shape.lastStep);
    return (START_MS - fromMs) / MINUTE_MS;
  };
  expect(rangeOf("x")).toBe(10);
  expect(rangeOf("rate(x[1h] offset 2h)")).toBe(185);
  expect(rangeOf("max_over_time(x[1h:1m])")).toBeGreaterThanOrEqual(69);
  expect(rangeOf("x + (y offset 1d)")).toBe(1450);
});
