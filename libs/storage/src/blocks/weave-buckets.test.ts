import { bucketize, type SampleBuckets } from "@monotreme/promql";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketsWithin, weaveBuckets } from "./weave-buckets.ts";

const R = 10;

/** One sample, of its own time as value, in each of the buckets that end then. */
function bucketsAt(ends: readonly number[]): SampleBuckets {
  const timestamps = Float64Array.from(ends.map((end) => end * R));
  return bucketize({ timestamps, values: timestamps }, R);
}

const ends = fc.uniqueArray(fc.nat(40), { maxLength: 30 }).map((list) => list.toSorted((a, b) => a - b));

test("weave buckets - two halves of any buckets make the whole again", () => {
  fc.assert(
    fc.property(ends, fc.infiniteStream(fc.boolean()), (all, sides) => {
      const isLeft = new Map(all.map((end) => [end, sides.next().value as boolean]));
      const left = bucketsAt(all.filter((end) => isLeft.get(end)));
      const right = bucketsAt(all.filter((end) => !isLeft.get(end)));
      expect(weaveBuckets(left, right)).toEqual(bucketsAt(all));
    }),
  );
});

test("weave buckets - ranges are left-open and right-closed, and each gives what lies in it", () => {
  const buckets = bucketsAt([1, 2, 3, 4, 8, 9]);
  const f = (ranges: readonly (readonly [number, number])[], expected: readonly (readonly number[])[]): void => {
    const parts = bucketsWithin(
      buckets,
      ranges.map(([after, until]) => ({ afterMs: after * R, untilMs: until * R })),
    );
    expect(parts.map(({ lasts }) => [...lasts].map((value) => value / R))).toEqual(expected);
  };
  f([[0, 100]], [[1, 2, 3, 4, 8, 9]]);
  f([[1, 3]], [[2, 3]]);
  f(
    [
      [0, 2],
      [4, 7],
      [7, 8],
    ],
    [[1, 2], [8]],
  );
  f([[-Infinity, 0]], []);
  f([], []);
});
