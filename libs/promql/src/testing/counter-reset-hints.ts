import type { NativeHistogram } from "../value.ts";

/**
 * The counter reset hint that Prometheus' storage gives back for a histogram stored without one, from the sample before
 * it: `not-reset` where it continues its predecessor; otherwise a new chunk begins, whose first sample is `unknown`
 * even after a visible reset (prometheus/prometheus#15346).
 */
export function hintOf(
  histogram: NativeHistogram,
  before: NativeHistogram | undefined,
): NativeHistogram["counterResetHint"] {
  if (histogram.counterResetHint !== "unknown") return histogram.counterResetHint;
  if (before === undefined || before.counterResetHint === "gauge") return "unknown";
  if (!hasSameLayout(histogram, before)) return "unknown";
  const isFallen =
    histogram.count < before.count ||
    histogram.zeroCount < before.zeroCount ||
    hasFallen(before.positiveOffset, before.positiveBuckets, histogram.positiveOffset, histogram.positiveBuckets) ||
    hasFallen(before.negativeOffset, before.negativeBuckets, histogram.negativeOffset, histogram.negativeBuckets);
  return isFallen ? "unknown" : "not-reset";
}

function hasSameLayout(a: NativeHistogram, b: NativeHistogram): boolean {
  return (
    a.schema === b.schema &&
    a.zeroThreshold === b.zeroThreshold &&
    a.customBounds.length === b.customBounds.length &&
    a.customBounds.every((bound, i) => bound === b.customBounds[i])
  );
}

function hasFallen(
  beforeOffset: number,
  before: readonly number[],
  afterOffset: number,
  after: readonly number[],
): boolean {
  return before.some((count, i) => (after[beforeOffset + i - afterOffset] ?? 0) < count);
}
