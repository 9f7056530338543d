import { describe, expect, test } from "vitest";
import type { NativeHistogram } from "../value.ts";
import { isAlmostEqual, isSameHistogram } from "./almost-equal.ts";
import { parseHistogramLiteral } from "./histogram-literal.ts";

describe("almost equal - floats", () => {
  const f = (a: number, b: number, expected: boolean) =>
    test(`${a} and ${b}`, () => {
      expect([isAlmostEqual(a, b), isAlmostEqual(b, a)]).toEqual([expected, expected]);
    });
  f(1, 1, true);
  f(0, -0, true);
  f(Number.NaN, Number.NaN, true);
  f(Number.NaN, 1, false);
  f(Infinity, Infinity, true);
  f(Infinity, -Infinity, false);
  f(Infinity, 1, false);
  f(100, 100.0001, true);
  f(100, 100.001, false);
  f(1, -1, false);
  f(0, 1e-9, false);
  f(1e-320, 2e-320, true);
});

describe("almost equal - histograms", () => {
  const read = (text: string): NativeHistogram => parseHistogramLiteral(text).histogram;
  const f = (a: string, b: string, expected: boolean) =>
    test(`${a} and ${b}`, () => {
      expect(isSameHistogram(read(a), read(b), true)).toBe(expected);
    });
  f("count:2 buckets:[1 1]", "count:2 buckets:[1 1]", true);
  f("buckets:[0 1 0]", "buckets:[1] offset:1", true);
  f("buckets:[1]", "buckets:[1] offset:1", false);
  f("buckets:[1]", "n_buckets:[1]", false);
  f("schema:1", "schema:2", false);
  f("sum:1", "sum:2", false);
  f("z_bucket:1", "z_bucket:2", false);
  f("counter_reset_hint:gauge", "counter_reset_hint:reset", false);
  f("schema:-53 custom_values:[1]", "schema:-53 custom_values:[2]", false);
  test("almost equal - a counter reset hint counts only where asked for", () => {
    expect(isSameHistogram(read("counter_reset_hint:gauge"), read(""), false)).toBe(true);
  });
});
