import type { NativeHistogram } from "@monotreme/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isBetterHistogram } from "./better-histogram.ts";
import { histogramOf } from "./histogram-fixture.ts";

const f = (name: string, better: Partial<NativeHistogram>, worse: Partial<NativeHistogram>) =>
  test(`better histogram - ${name}`, () => {
    expect(isBetterHistogram(histogramOf(better), histogramOf(worse))).toBe(true);
    expect(isBetterHistogram(histogramOf(worse), histogramOf(better))).toBe(false);
  });

f("more observations win", { count: 2, sum: -9 }, { count: 1, sum: 9 });
f("of as many the larger sum wins", { sum: 2 }, { sum: 1 });
f("a sum that is no number loses", { sum: 0 }, { sum: Number.NaN });
f("a count that is no number loses", { count: 0 }, { count: Number.NaN });

const number = fc.constantFrom(0, 1, Number.NaN);
const histogram = fc.record({
  count: number,
  sum: number,
  positiveOffset: fc.constantFrom(0, 1),
  positiveBuckets: fc.array(fc.constantFrom(0, 1), { maxLength: 2 }),
});

test("better histogram - one of two different ones always wins, and the winner does not depend on the order", () => {
  fc.assert(
    fc.property(fc.array(histogram, { minLength: 1, maxLength: 5 }), (changes) => {
      const histograms = changes.map(histogramOf);
      const winnerOf = (list: readonly NativeHistogram[]): NativeHistogram =>
        list.reduce((best, one) => (isBetterHistogram(one, best) ? one : best));
      expect(winnerOf(histograms.toReversed())).toEqual(winnerOf(histograms));
    }),
  );
});
