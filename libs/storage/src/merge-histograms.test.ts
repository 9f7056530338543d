import { isStaleAt, Labels, wordsOf, writeStaleAt } from "@monotreme/model";
import { expect, test } from "vitest";
import { histogramOf } from "./histogram-fixture.ts";
import { mergeHistograms } from "./merge-histograms.ts";

const LABELS = Labels.fromObject({ __name__: "h" });

function timed(timestampMs: number, count: number) {
  return { timestampMs, histogram: histogramOf({ count, positiveBuckets: [count] }) };
}

function floatsAt(...timestampsMs: number[]) {
  const values = Float64Array.from(timestampsMs, (timestampMs) => timestampMs * 10);
  writeStaleAt(wordsOf(values), values.length - 1);
  return { labels: LABELS, timestamps: Float64Array.from(timestampsMs), values };
}

test("merge histograms - floats and histograms stand in time order, a marker keeps its bits", () => {
  const merged = mergeHistograms(LABELS, floatsAt(2, 5), [timed(1, 1), timed(3, 2)], 0);
  expect([...(merged?.timestamps ?? [])]).toEqual([1, 2, 3, 5]);
  expect(merged?.histograms?.map((histogram) => histogram?.count)).toEqual([1, undefined, 2, undefined]);
  expect(merged?.values[1]).toBe(20);
  expect(isStaleAt(wordsOf(merged?.values ?? new Float64Array()), 3)).toBe(true);
});

test("merge histograms - at one time the histogram counts", () => {
  const merged = mergeHistograms(LABELS, floatsAt(1, 2), [timed(1, 1), timed(2, 2)], 0);
  expect([...(merged?.timestamps ?? [])]).toEqual([1, 2]);
  expect(merged?.histograms).toHaveLength(2);
});

test("merge histograms - what lies before the range only tells what the first one continues", () => {
  const hints = (afterMs: number) =>
    mergeHistograms(LABELS, undefined, [timed(1, 1), timed(2, 2), timed(3, 1)], afterMs)?.histograms?.map(
      (histogram) => histogram?.counterResetHint,
    );
  expect(hints(0)).toEqual(["unknown", "not-reset", "unknown"]);
  expect(hints(1)).toEqual(["not-reset", "unknown"]);
  expect(hints(2)).toEqual(["unknown"]);
  expect(hints(3)).toBeUndefined();
});

test("merge histograms - a series with floats alone in the range has no column of histograms", () => {
  expect(mergeHistograms(LABELS, floatsAt(5), [timed(1, 1)], 2)).not.toHaveProperty("histograms");
});
