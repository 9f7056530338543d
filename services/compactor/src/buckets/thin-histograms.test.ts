import type { NativeHistogram } from "@monotreme/model";
import type { StoredHistogram } from "@monotreme/storage";
import { expect, test } from "vitest";
import { HistogramThinner } from "./thin-histograms.ts";

function stored(
  timestampMs: number,
  count: number,
  changes: Partial<NativeHistogram> = {},
  seriesIdLow = 1,
): StoredHistogram {
  const histogram: NativeHistogram = {
    schema: 0,
    counterResetHint: "unknown",
    zeroThreshold: 0,
    zeroCount: 0,
    count,
    sum: count,
    positiveOffset: 0,
    positiveBuckets: [count],
    negativeOffset: 0,
    negativeBuckets: [],
    customBounds: [],
    ...changes,
  };
  return { metricIdLow: 1, metricIdHigh: 0, seriesIdLow, seriesIdHigh: 0, timestampMs, histogram };
}

function timesOf(histograms: readonly StoredHistogram[]): readonly number[] {
  const thinner = new HistogramThinner(100);
  const kept = histograms.flatMap((histogram) => thinner.add(histogram));
  return [...kept, ...thinner.finish()].map(({ timestampMs }) => timestampMs);
}

test("thin histograms - of each bucket the first and the last stay", () => {
  expect(timesOf([])).toEqual([]);
  expect(timesOf([stored(1, 1)])).toEqual([1]);
  expect(timesOf([1, 50, 99, 100, 101, 150, 400].map((time) => stored(time, time)))).toEqual([1, 100, 101, 150, 400]);
});

test("thin histograms - both sides of a reset stay, once", () => {
  const counts = [1, 2, 3, 1, 2, 3, 4];
  expect(timesOf(counts.map((count, i) => stored(i * 10 + 1, count)))).toEqual([1, 21, 31, 61]);
  expect(timesOf([3, 2, 1].map((count, i) => stored(i * 10 + 1, count)))).toEqual([1, 11, 21]);
});

test("thin histograms - a hint says what numbers do not", () => {
  const hinted = (hint: NativeHistogram["counterResetHint"]): StoredHistogram[] =>
    [1, 2, 3, 4, 5].map((count, i) => stored(i * 10 + 1, count, i === 2 ? { counterResetHint: hint } : {}));
  expect(timesOf(hinted("reset"))).toEqual([1, 11, 21, 41]);
  expect(timesOf(hinted("not-reset"))).toEqual([1, 41]);
});

test("thin histograms - gauges fall without a reset", () => {
  const gauge = { counterResetHint: "gauge" } as const;
  expect(timesOf([5, 1, 4, 2].map((count, i) => stored(i * 10 + 1, count, gauge)))).toEqual([1, 31]);
});

test("thin histograms - series are told apart", () => {
  const other = [1, 50, 90].map((time) => stored(time, 9, {}, 2));
  expect(timesOf([...[1, 50, 90].map((time) => stored(time, 9)), ...other])).toEqual([1, 90, 1, 90]);
});
