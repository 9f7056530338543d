import type { NativeHistogram } from "@monotreme/model";

/**
 * Which of two native histograms of a series with one timestamp counts, independent of the order in which they came:
 * the one with more observations, then the one with the larger sum (NaN loses), then an arbitrary but fixed order.
 */
export function isBetterHistogram(candidate: NativeHistogram, current: NativeHistogram): boolean {
  const byNumbers = order(candidate.count, current.count) || order(candidate.sum, current.sum);
  return byNumbers === 0 ? textOf(candidate) > textOf(current) : byNumbers > 0;
}

/** Positive where `a` is the larger number; NaN is less than any. */
function order(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a === b ? 0 : a > b ? 1 : -1;
}

function textOf(histogram: NativeHistogram): string {
  const { schema, counterResetHint, zeroThreshold, zeroCount, positiveOffset, negativeOffset } = histogram;
  const { positiveBuckets, negativeBuckets, customBounds } = histogram;
  return [
    [schema, counterResetHint, zeroThreshold, zeroCount, positiveOffset, negativeOffset].join(),
    ...[positiveBuckets, negativeBuckets, customBounds].map((list) => list.join()),
  ].join(";");
}
