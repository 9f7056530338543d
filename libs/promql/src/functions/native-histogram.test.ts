import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NativeHistogram } from "../value.ts";
import {
  addHistograms,
  combineHistograms,
  divideHistogram,
  isCombinable,
  isEqualHistogram,
  isResetBetween,
  scaleHistogram,
  subtractHistograms,
} from "./histogram-arithmetic.ts";
import { histogramFractionOf, histogramQuantileOf, histogramVarianceOf } from "./histogram-estimation.ts";
import { boundedBuckets, compacted, toSchema, withZeroThreshold } from "./histogram-layout.ts";
import { formatHistogram } from "./histogram-text.ts";
import { trimHistogram } from "./histogram-trim.ts";
import { compensatedMean } from "./over-time-functions.ts";

function histogramOf(fields: Partial<NativeHistogram>): NativeHistogram {
  return {
    schema: 0,
    counterResetHint: "unknown",
    zeroThreshold: 0,
    zeroCount: 0,
    count: 0,
    sum: 0,
    positiveOffset: 0,
    positiveBuckets: [],
    negativeOffset: 0,
    negativeBuckets: [],
    customBounds: [],
    ...fields,
  };
}

const counts = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 8 });

/** Any histogram whose count is that of its buckets. */
const exponential = fc
  .record({
    schema: fc.integer({ min: -2, max: 4 }),
    zeroCount: fc.integer({ min: 0, max: 9 }),
    zeroThreshold: fc.constantFrom(0, 0.001, 0.5),
    positiveOffset: fc.integer({ min: 1, max: 6 }),
    positiveBuckets: counts,
    negativeOffset: fc.integer({ min: 1, max: 6 }),
    negativeBuckets: counts,
  })
  .map((fields) => {
    const total = [...fields.positiveBuckets, ...fields.negativeBuckets].reduce((sum, count) => sum + count, 0);
    return histogramOf({ ...fields, count: total + fields.zeroCount, sum: total * 1.5 });
  });

function bucketTotal(histogram: NativeHistogram): number {
  return boundedBuckets(histogram).reduce((sum, { count }) => sum + count, 0);
}

describe("histogram layout", () => {
  test("histogram layout - a lower resolution keeps every observation between the same bounds", () => {
    fc.assert(
      fc.property(exponential, fc.integer({ min: 0, max: 3 }), (histogram, steps) => {
        const reduced = toSchema(histogram, histogram.schema - steps);
        expect(bucketTotal(reduced)).toBe(bucketTotal(histogram));
        for (const { lower, upper, count } of boundedBuckets(reduced)) {
          const inside = boundedBuckets(histogram).filter(
            (one) =>
              one.lower >= lower * (1 + 1e-12 * Math.sign(-lower)) &&
              one.upper <= upper * (1 + 1e-12 * Math.sign(upper)),
          );
          expect(inside.reduce((sum, one) => sum + one.count, 0)).toBe(count);
        }
      }),
    );
  });

  test("histogram layout - a wider zero bucket swallows whole buckets", () => {
    const histogram = histogramOf({ zeroCount: 1, positiveBuckets: [2, 3, 4], negativeBuckets: [5] });
    const widened = withZeroThreshold(histogram, 1.5);
    expect(widened).toMatchObject({ zeroThreshold: 2, zeroCount: 11, positiveOffset: 2, positiveBuckets: [4] });
    expect(widened.negativeBuckets).toEqual([]);
  });

  test("histogram layout - compaction takes empty ends off", () => {
    const histogram = histogramOf({ positiveOffset: 3, positiveBuckets: [0, 1, 0, 2, 0] });
    expect(compacted(histogram)).toMatchObject({ positiveOffset: 4, positiveBuckets: [1, 0, 2] });
  });
});

describe("histogram arithmetic", () => {
  test("histogram arithmetic - adding and taking away gives the first again", () => {
    fc.assert(
      fc.property(exponential, exponential, (a, b) => {
        const sum = addHistograms(a, b).histogram;
        expect(bucketTotal(sum)).toBe(bucketTotal(a) + bucketTotal(b));
        const back = subtractHistograms(sum, b).histogram;
        expect(back.count).toBe(a.count);
        expect(bucketTotal(back)).toBe(bucketTotal(a));
      }),
    );
  });

  test("histogram arithmetic - different custom bounds meet at the common ones", () => {
    const a = histogramOf({ schema: -53, customBounds: [1, 2, 3], positiveBuckets: [1, 2, 3, 4], count: 10 });
    const b = histogramOf({ schema: -53, customBounds: [2, 5], positiveBuckets: [1, 1, 1], count: 3 });
    const { histogram, isReconciled } = addHistograms(a, b);
    expect(isReconciled).toBe(true);
    expect(histogram).toMatchObject({ customBounds: [2], positiveBuckets: [4, 9], count: 13 });
    expect(isCombinable([a, histogramOf({})])).toBe(false);
  });

  test("histogram arithmetic - a mean of counts whose sum overflows", () => {
    const large = histogramOf({ count: 1.5e308, sum: 2 });
    const { histogram } = combineHistograms([large, large], (values) => compensatedMean(values, 0, 1));
    expect(histogram).toMatchObject({ count: 1.5e308, sum: 2 });
  });

  test("histogram arithmetic - scaling by a negative factor makes a gauge, division by zero drops buckets", () => {
    const histogram = histogramOf({ count: 2, sum: 3, positiveBuckets: [2], counterResetHint: "not-reset" });
    expect(scaleHistogram(histogram, 2)).toMatchObject({
      count: 4,
      positiveBuckets: [4],
      counterResetHint: "not-reset",
    });
    expect(scaleHistogram(histogram, -1)).toMatchObject({ count: -2, counterResetHint: "gauge" });
    expect(divideHistogram(histogram, 0)).toMatchObject({ count: Infinity, positiveBuckets: [] });
  });

  test("histogram arithmetic - hints: a gauge wins, reset against not reset is a conflict", () => {
    const hinted = (counterResetHint: NativeHistogram["counterResetHint"]) => histogramOf({ counterResetHint });
    expect(addHistograms(hinted("gauge"), hinted("not-reset")).histogram.counterResetHint).toBe("gauge");
    expect(addHistograms(hinted("unknown"), hinted("not-reset")).histogram.counterResetHint).toBe("unknown");
    expect(addHistograms(hinted("reset"), hinted("not-reset"))).toMatchObject({ hasResetConflict: true });
  });

  test("histogram arithmetic - a reset shows in any bucket", () => {
    const before = histogramOf({ count: 4, positiveBuckets: [1, 2, 1] });
    expect(isResetBetween(before, histogramOf({ count: 5, positiveBuckets: [1, 2, 2] }))).toBe(false);
    expect(isResetBetween(before, histogramOf({ count: 5, positiveBuckets: [1, 1, 3] }))).toBe(true);
    expect(isResetBetween(before, histogramOf({ count: 3, positiveBuckets: [1, 1, 1] }))).toBe(true);
    expect(isResetBetween(before, histogramOf({ schema: 1, count: 9, positiveBuckets: [9] }))).toBe(true);
    expect(isResetBetween(before, histogramOf({ schema: -1, count: 5, positiveBuckets: [1, 4] }))).toBe(false);
    expect(isResetBetween(before, histogramOf({ counterResetHint: "not-reset" }))).toBe(false);
  });

  test("histogram arithmetic - equality does not see empty buckets at the ends", () => {
    const a = histogramOf({ count: 1, positiveOffset: 1, positiveBuckets: [1] });
    expect(isEqualHistogram(a, { ...a, positiveOffset: 0, positiveBuckets: [0, 1, 0] })).toBe(true);
    expect(isEqualHistogram(a, { ...a, positiveOffset: 2 })).toBe(false);
  });
});

describe("histogram estimates", () => {
  const histogram = histogramOf({ count: 4, sum: 5, positiveBuckets: [1, 2, 1] });

  test("histogram estimates - quantiles are exponential between bounds", () => {
    expect(histogramQuantileOf(0.5, histogram)).toBeCloseTo(Math.SQRT2, 12);
    expect(histogramQuantileOf(0, histogram)).toBe(0.5);
    expect(histogramQuantileOf(1, histogram)).toBe(4);
    expect(histogramQuantileOf(0.5, histogramOf({}))).toBeNaN();
  });

  test("histogram estimates - custom buckets are linear", () => {
    const custom = histogramOf({ schema: -53, customBounds: [5, 10], positiveBuckets: [1, 2, 1], count: 4 });
    expect(histogramQuantileOf(0.5, custom)).toBe(7.5);
    expect(histogramQuantileOf(1, custom)).toBe(10);
    expect(histogramFractionOf(5, 10, custom)).toBe(0.5);
  });

  test("histogram estimates - a quantile and the fraction below it are inverse", () => {
    fc.assert(
      fc.property(exponential, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (one, phi) => {
        fc.pre(one.count > 0 && !(one.zeroThreshold === 0 && one.zeroCount > 0));
        const value = histogramQuantileOf(phi, one);
        // Within the gap between two buckets every value has the same fraction below it.
        expect(histogramFractionOf(-Infinity, value, one)).toBeCloseTo(phi, 9);
      }),
    );
  });

  test("histogram estimates - variance around the mean", () => {
    expect(histogramVarianceOf(histogramOf({ count: 4, sum: 4, zeroCount: 4 }))).toBe(1);
  });

  test("histogram estimates - trimming splits the observations in two", () => {
    fc.assert(
      fc.property(exponential, fc.double({ min: -40, max: 40, noNaN: true }), (one, bound) => {
        const below = trimHistogram(one, bound, "below");
        const above = trimHistogram(one, bound, "above");
        expect(below.count + above.count).toBeCloseTo(one.count, 9);
        expect(bucketTotal(below)).toBeCloseTo(below.count, 9);
      }),
    );
  });
});

describe("histogram text", () => {
  test("histogram text - buckets from low to high with their kinds of bounds", () => {
    const fields = {
      count: 8,
      sum: 10,
      zeroThreshold: 0.001,
      zeroCount: 2,
      positiveBuckets: [1, 2],
      negativeBuckets: [1, 2],
    };
    expect(formatHistogram(histogramOf(fields))).toBe(
      "{count:8, sum:10, [-2,-1):2, [-1,-0.5):1, [-0.001,0.001]:2, (0.5,1]:1, (1,2]:2}",
    );
  });
});

test("histogram arithmetic - buckets that no float lies between are refused instead of walked", () => {
  const near = histogramOf({ positiveOffset: 0, positiveBuckets: [1], count: 1 });
  const far = histogramOf({ positiveOffset: 2 ** 31 - 2, positiveBuckets: [1], count: 1 });
  expect(() => addHistograms(near, far)).toThrow("histogram buckets lie too far apart to be combined");
  const widest = histogramOf({ schema: 8, positiveOffset: -274_943, positiveBuckets: [1], count: 1 });
  const other = histogramOf({ schema: 8, positiveOffset: 262_144, positiveBuckets: [1], count: 1 });
  expect(addHistograms(widest, other).histogram.positiveBuckets).toHaveLength(537_088);
});
