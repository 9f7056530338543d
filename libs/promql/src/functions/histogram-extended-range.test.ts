import { describe, expect, test } from "vitest";
import { Annotations } from "../engine/annotations.ts";
import type { NativeHistogram } from "../value.ts";
import { anchoredHistogram, histogramBetween, smoothedHistogram } from "./histogram-extended-range.ts";
import { HISTOGRAM_RANGE_FUNCTIONS, type HistogramWindow } from "./histogram-range.ts";

function histogram(count: number, changes: Partial<NativeHistogram> = {}): NativeHistogram {
  return {
    schema: 0,
    counterResetHint: "unknown",
    zeroThreshold: 0,
    zeroCount: 0,
    count,
    sum: count,
    positiveOffset: 1,
    positiveBuckets: [count],
    negativeOffset: 0,
    negativeBuckets: [],
    customBounds: [],
    ...changes,
  };
}

const CUSTOM = { schema: -53, customBounds: [5], positiveOffset: 0 } as const;

/** A window of `(endS − 10, endS]` over histograms with those counts, ten seconds apart from 0 on. */
function windowOf(endS: number, counts: readonly (number | NativeHistogram)[], startsS?: number[]): HistogramWindow {
  return {
    histograms: counts.map((one) => (typeof one === "number" ? histogram(one) : one)),
    timestamps: Float64Array.from(counts, (_, i) => i * 10_000),
    startTimestamps: startsS && Float64Array.from(startsS, (start) => start * 1000),
    endMs: endS * 1000,
    rangeMs: 10_000,
    metricName: "h",
    annotations: new Annotations(undefined),
    tellsResetConflicts: false,
    position: { start: 0, end: 1, line: 1, column: 1 },
  };
}

describe("native histograms - extended ranges", () => {
  test("anchored increase - from the anchor to the last histogram, resets added", () => {
    const f = (counts: readonly number[], expected: number): void =>
      expect(anchoredHistogram("increase", windowOf(20, counts))?.count).toBe(expected);
    f([3], 0);
    f([3, 5], 2);
    f([3, 5, 1], 3);
    f([5, 3], 3);
  });

  test("smoothed increase - between the estimates at both borders", () => {
    const f = (endS: number, counts: readonly number[], expected: number | undefined): void =>
      expect(smoothedHistogram("increase", windowOf(endS, counts))?.count).toBe(expected);
    f(15, [0, 10, 20], 10);
    f(15, [5, 10, 3], 4);
    f(15, [10, 5], 2.5);
    f(9, [10, 5], 4.5);
    f(25, [4], undefined);
  });

  test("extended ranges - layouts that do not go together give a warning only", () => {
    const window = windowOf(15, [1, histogram(2, CUSTOM), 3]);
    expect(smoothedHistogram("rate", window)).toBeUndefined();
    expect(window.annotations.warnings(0)).toEqual([
      'PromQL warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "h"',
    ]);
  });

  test("extended ranges - delta wants gauges, increase counters", () => {
    const f = (name: string, hint: NativeHistogram["counterResetHint"], warnings: number): void => {
      const one = histogram(1, { counterResetHint: hint });
      for (const evaluate of [anchoredHistogram, smoothedHistogram]) {
        const window = windowOf(15, [one, one, one]);
        evaluate(name, window);
        expect(window.annotations.warnings(0)).toHaveLength(warnings);
      }
    };
    f("delta", "gauge", 0);
    f("delta", "unknown", 1);
    f("increase", "gauge", 1);
    f("increase", "unknown", 0);
  });

  test("histogram between two - linear, or from zero after a reset", () => {
    expect(histogramBetween(histogram(4), histogram(8), 0.25, true).count).toBe(5);
    expect(histogramBetween(histogram(8), histogram(4), 0.25, true).count).toBe(1);
    expect(histogramBetween(histogram(8), histogram(4), 0.25, false).count).toBe(7);
  });
});

describe("native histograms - start timestamps", () => {
  const increase = (window: HistogramWindow): number | undefined =>
    HISTOGRAM_RANGE_FUNCTIONS.get("increase")?.(window)?.count;

  test("increase - one histogram whose counting began in the window is the change", () => {
    expect(increase(windowOf(5, [6], [-2]))).toBe(6);
    expect(increase(windowOf(5, [6], [-7]))).toBeUndefined();
    expect(increase(windowOf(5, [6], [Number.NaN]))).toBeUndefined();
  });

  test("increase - counting that began between two histograms is a reset", () => {
    expect(increase(windowOf(10, [4, 6], [-100, -100]))).toBe(2);
    expect(increase(windowOf(10, [4, 6], [-100, 5]))).toBe(6);
    // A start at the sample before is a delta only where that sample had a start of its own.
    expect(increase(windowOf(10, [4, 6], [-100, 0]))).toBe(6);
    expect(increase(windowOf(10, [4, 6], [Number.NaN, 0]))).toBe(2);
  });
});
