/** What a native histogram says about a counter reset before it; `unknown` leaves it to the reader to compare. */
export const COUNTER_RESET_HINTS = ["unknown", "reset", "not-reset", "gauge"] as const;

export type CounterResetHint = (typeof COUNTER_RESET_HINTS)[number];

/** A native histogram, exponential (schema −4 … 8) or with custom buckets (schema −53); counts are absolute floats. */
export interface NativeHistogram {
  readonly schema: number;
  readonly counterResetHint: CounterResetHint;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  /** Index of the first bucket in `positiveBuckets`; the buckets follow without a gap. */
  readonly positiveOffset: number;
  readonly positiveBuckets: readonly number[];
  readonly negativeOffset: number;
  readonly negativeBuckets: readonly number[];
  /** Upper bounds of the buckets of schema −53, without the last, +Inf. */
  readonly customBounds: readonly number[];
}

/**
 * The counter reset hint that Prometheus' storage gives back for a histogram stored without one, from the sample before
 * it: `not-reset` where it continues its predecessor; otherwise a new chunk begins, whose first sample is `unknown`
 * even after a visible reset (prometheus/prometheus#15346).
 */
export function hintAfter(before: NativeHistogram | undefined, histogram: NativeHistogram): CounterResetHint {
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
