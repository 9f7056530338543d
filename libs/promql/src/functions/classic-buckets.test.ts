import { describe, expect, test } from "vitest";
import { bucketFraction, bucketQuantile, prepareBuckets } from "./classic-buckets.ts";

function buckets(...pairs: readonly (readonly [bound: number, count: number])[]) {
  return prepareBuckets(pairs.map(([upperBound, count]) => ({ upperBound, count })));
}

describe("classic buckets", () => {
  const prepared = buckets([Infinity, 10], [1, 2], [2, 6]);

  test.each([
    [0, 0],
    [0.1, 0.5],
    [0.2, 1],
    [0.4, 1.5],
    [0.6, 2],
    [0.9, 2],
    [-0.1, -Infinity],
    [1.1, Infinity],
    [Number.NaN, Number.NaN],
  ])("classic buckets - quantile %d is %d", (phi, expected) => {
    expect(bucketQuantile(phi, prepared)).toBe(expected);
  });

  test("classic buckets - without +Inf, with one bucket or without observations there is no quantile", () => {
    expect(bucketQuantile(0.5, buckets([1, 2], [2, 6]))).toBeNaN();
    expect(bucketQuantile(0.5, buckets([Infinity, 6]))).toBeNaN();
    expect(bucketQuantile(0.5, buckets([1, 0], [Infinity, 0]))).toBeNaN();
  });

  test("classic buckets - a lowest bound at or below zero is its own answer", () => {
    expect(bucketQuantile(0.1, buckets([-1, 5], [Infinity, 10]))).toBe(-1);
  });

  test("classic buckets - falling counts are lifted and told, tiny differences are not told", () => {
    const fixed = buckets([1, 5], [2, 4], [3, 3], [Infinity, 8]);
    expect(fixed?.buckets.map(({ count }) => count)).toEqual([5, 5, 5, 8]);
    expect(fixed?.fix).toEqual({ fromBound: 2, toBound: 3, maxDifference: 2 });
    expect(buckets([1, 5], [2, 5 - 1e-13], [Infinity, 8])?.fix).toBeUndefined();
  });

  test("classic buckets - equal bounds are joined", () => {
    expect(buckets([1, 2], [1, 3], [Infinity, 5])?.buckets).toHaveLength(2);
  });

  test.each([
    [0, 1, 0.2],
    [0, 0.5, 0.1],
    [1, 2, 0.4],
    [1.5, Infinity, 0.6],
    [2, 1, 0],
    [-5, 0, 0],
    [2.5, 3, 0],
  ])("classic buckets - fraction from %d to %d is %d", (lower, upper, expected) => {
    expect(bucketFraction(lower, upper, buckets([1, 2], [2, 6], [Infinity, 10]))).toBeCloseTo(expected, 12);
  });
});
