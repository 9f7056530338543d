import type { NativeHistogram } from "../value.ts";
import { type BoundedBucket, boundedBuckets, hasCustomBuckets } from "./histogram-layout.ts";

/** The buckets as estimates see them: a zero bucket reaches only to the side on which there are others. */
function estimationBuckets(histogram: NativeHistogram): BoundedBucket[] {
  const hasPositive = histogram.positiveBuckets.length > 0;
  const hasNegative = histogram.negativeBuckets.length > 0;
  return boundedBuckets(histogram).map((bucket) => {
    if (hasCustomBuckets(histogram)) {
      return bucket.lower === -Infinity && bucket.upper > 0 ? { ...bucket, lower: 0 } : bucket;
    }
    if (bucket.lower >= 0 || bucket.upper <= 0) return bucket;
    if (hasPositive && !hasNegative) return { ...bucket, lower: 0 };
    return hasNegative && !hasPositive ? { ...bucket, upper: 0 } : bucket;
  });
}

/** Whether observations are taken to be spread evenly over a bucket, not evenly over its logarithm. */
export function isLinear(histogram: NativeHistogram, { lower, upper }: BoundedBucket): boolean {
  return hasCustomBuckets(histogram) || (lower <= 0 && upper >= 0);
}

/**
 * The φ-quantile of a histogram, for 0 ≤ φ ≤ 1: exponential within exponential buckets, linear in the zero bucket and in
 * custom buckets. NaN without observations, and where the quantile falls among observations of NaN.
 */
export function histogramQuantileOf(phi: number, histogram: NativeHistogram): number {
  if (histogram.count === 0) return Number.NaN;
  const hasNaN = Number.isNaN(histogram.sum);
  // From the nearer end, which loses less precision; NaN observations stand above all others.
  const isForward = hasNaN || phi < 0.5;
  const buckets = estimationBuckets(histogram);
  if (!isForward) buckets.reverse();
  let rank = (isForward ? phi : 1 - phi) * histogram.count;
  let reached = 0;
  let bucket: BoundedBucket | undefined;
  for (bucket of buckets) {
    reached += bucket.count;
    if (reached >= rank) break;
  }
  if (bucket === undefined) return hasNaN || rank > 0 ? Number.NaN : 0;
  if (hasCustomBuckets(histogram)) {
    if (bucket.lower === -Infinity) return bucket.upper;
    if (bucket.upper === Infinity) return bucket.lower;
  }
  reached = Math.min(reached, histogram.count);
  if (reached < rank) return hasNaN ? Number.NaN : bucket.upper;
  rank = isForward ? rank - (reached - bucket.count) : reached - rank;
  return interpolate(histogram, bucket, rank / bucket.count);
}

function interpolate(histogram: NativeHistogram, bucket: BoundedBucket, fraction: number): number {
  const { lower, upper } = bucket;
  if (isLinear(histogram, bucket)) return lower + (upper - lower) * fraction;
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * fraction);
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - fraction)));
}

/** The share of observations between two values; NaN without observations. */
export function histogramFractionOf(lower: number, upper: number, histogram: NativeHistogram): number {
  if (histogram.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  const buckets = estimationBuckets(histogram);
  return (rankOf(upper, histogram, buckets) - rankOf(lower, histogram, buckets)) / histogram.count;
}

/** How many observations are estimated to lie at or below a value. */
function rankOf(value: number, histogram: NativeHistogram, buckets: readonly BoundedBucket[]): number {
  let rank = 0;
  for (const bucket of buckets) {
    if (value <= bucket.lower) return Math.min(rank, histogram.count);
    if (value < bucket.upper)
      return Math.min(rank + bucket.count * shareBelow(value, histogram, bucket), histogram.count);
    rank += bucket.count;
  }
  // Observations of NaN are in no bucket and in no fraction.
  return Number.isNaN(histogram.sum) || value !== Infinity ? Math.min(rank, histogram.count) : histogram.count;
}

/** The share of a bucket's observations below a value inside it. */
export function shareBelow(value: number, histogram: NativeHistogram, bucket: BoundedBucket): number {
  const { lower, upper } = bucket;
  if (lower === -Infinity) return 1;
  if (isLinear(histogram, bucket)) return (value - lower) / (upper - lower);
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  const logValue = Math.log2(Math.abs(value));
  return value > 0 ? (logValue - logLower) / (logUpper - logLower) : 1 - (logValue - logUpper) / (logLower - logUpper);
}

/** The estimated population variance, each bucket's observations at its middle: geometric, or arithmetic where linear. */
export function histogramVarianceOf(histogram: NativeHistogram): number {
  const mean = histogram.sum / histogram.count;
  let variance = 0;
  for (const bucket of boundedBuckets(histogram)) {
    const delta = middleOf(histogram, bucket) - mean;
    variance += bucket.count * delta * delta;
  }
  return variance / histogram.count;
}

function middleOf(histogram: NativeHistogram, { lower, upper }: BoundedBucket): number {
  if (hasCustomBuckets(histogram)) return (lower + upper) / 2;
  if (lower <= 0 && upper >= 0) return 0;
  const middle = Math.sqrt(lower * upper);
  return upper < 0 ? -middle : middle;
}
