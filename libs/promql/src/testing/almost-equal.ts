import type { NativeHistogram } from "../value.ts";

/** Relative to the sum of both sides, as Prometheus' own runner compares. */
const TOLERANCE = 1e-6;
const SMALLEST_NORMAL = 2.2250738585072014e-308;

/** Whether two floats are the same but for rounding; NaN equals NaN. */
export function isAlmostEqual(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  if (Number.isNaN(a) || Number.isNaN(b)) return false;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < SMALLEST_NORMAL) return difference < TOLERANCE * SMALLEST_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < TOLERANCE;
}

/** Whether two histograms are the same bucket by bucket; the counter reset hint counts only where asked for. */
export function isSameHistogram(expected: NativeHistogram, got: NativeHistogram, withHint: boolean): boolean {
  return (
    expected.schema === got.schema &&
    isAlmostEqual(expected.count, got.count) &&
    isAlmostEqual(expected.sum, got.sum) &&
    isAlmostEqual(expected.zeroThreshold, got.zeroThreshold) &&
    isAlmostEqual(expected.zeroCount, got.zeroCount) &&
    (!withHint || expected.counterResetHint === got.counterResetHint) &&
    expected.customBounds.length === got.customBounds.length &&
    expected.customBounds.every((bound, i) => bound === got.customBounds[i]) &&
    isSameBuckets(
      bucketMap(expected.positiveOffset, expected.positiveBuckets),
      bucketMap(got.positiveOffset, got.positiveBuckets),
    ) &&
    isSameBuckets(
      bucketMap(expected.negativeOffset, expected.negativeBuckets),
      bucketMap(got.negativeOffset, got.negativeBuckets),
    )
  );
}

function isSameBuckets(expected: ReadonlyMap<number, number>, got: ReadonlyMap<number, number>): boolean {
  if (expected.size !== got.size) return false;
  return [...expected].every(([index, count]) => isAlmostEqual(count, got.get(index) ?? Number.NaN));
}

/** Empty buckets are left out. */
function bucketMap(offset: number, counts: readonly number[]): Map<number, number> {
  return new Map([...counts.entries()].flatMap(([i, count]) => (count === 0 ? [] : [[offset + i, count] as const])));
}
