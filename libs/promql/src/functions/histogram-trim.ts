import type { NativeHistogram } from "../value.ts";
import { isLinear, shareBelow } from "./histogram-estimation.ts";
import { type BoundedBucket, compacted, exponentialBound, hasCustomBuckets } from "./histogram-layout.ts";

/** Which observations stay: those up to the bound (`</`) or those above it (`>/`). */
export type KeptSide = "below" | "above";

interface Kept {
  readonly count: number;
  readonly sum: number;
}

/**
 * A histogram without the observations on one side of a bound; a bucket across the bound is split by interpolation. The
 * sum is estimated anew from the middles of the buckets, unless nothing was trimmed.
 */
export function trimHistogram(histogram: NativeHistogram, bound: number, side: KeptSide): NativeHistogram {
  const keepsAll = side === "below" ? bound === Infinity : bound === -Infinity;
  if (keepsAll || Number.isNaN(bound)) return histogram;
  let count = 0;
  let sum = 0;
  let isTrimmed = false;
  const keep = (bucket: BoundedBucket): number => {
    const kept = keepOf(histogram, bucket, bound, side);
    if (kept.count !== bucket.count) isTrimmed = true;
    count += kept.count;
    if (kept.count !== 0) sum += kept.sum;
    return kept.count;
  };
  const trimmed = hasCustomBuckets(histogram)
    ? trimCustom(histogram, keep, side === "above" && bound < 0)
    : trimExponential(histogram, keep);
  return isTrimmed ? compacted({ ...trimmed, count, sum }) : histogram;
}

type Keep = (bucket: BoundedBucket) => number;

/** The lowest bucket starts at zero where its bound is above, unless the cut is made below zero, when it is unknown. */
function trimCustom(histogram: NativeHistogram, keep: Keep, isCutBelowZero: boolean): NativeHistogram {
  const { customBounds, positiveOffset } = histogram;
  const positiveBuckets = histogram.positiveBuckets.map((count, i) => {
    const index = positiveOffset + i;
    const lower = customBounds[index - 1] ?? -Infinity;
    const upper = customBounds[index] ?? Infinity;
    const startsAtZero = lower === -Infinity && upper > 0 && upper !== Infinity && !isCutBelowZero;
    return keep({ lower: startsAtZero ? 0 : lower, upper, count });
  });
  return { ...histogram, positiveBuckets };
}

function trimExponential(histogram: NativeHistogram, keep: Keep): NativeHistogram {
  const { schema, zeroThreshold, positiveOffset, negativeOffset } = histogram;
  const hasPositive = histogram.positiveBuckets.length > 0;
  const hasNegative = histogram.negativeBuckets.length > 0;
  const bounds = (offset: number, i: number): [near: number, far: number] => [
    exponentialBound(offset + i - 1, schema),
    exponentialBound(offset + i, schema),
  ];
  const positiveBuckets = histogram.positiveBuckets.map((count, i) => {
    const [lower, upper] = bounds(positiveOffset, i);
    return keep({ lower, upper, count });
  });
  const negativeBuckets = histogram.negativeBuckets.map((count, i) => {
    const [near, far] = bounds(negativeOffset, i);
    return keep({ lower: -far, upper: -near, count });
  });
  const zeroCount = keep({
    lower: hasPositive && !hasNegative ? 0 : -zeroThreshold,
    upper: hasNegative && !hasPositive ? 0 : zeroThreshold,
    count: histogram.zeroCount,
  });
  return { ...histogram, positiveBuckets, negativeBuckets, zeroCount };
}

function keepOf(histogram: NativeHistogram, bucket: BoundedBucket, bound: number, side: KeptSide): Kept {
  const { lower, upper, count } = bucket;
  if (bound <= lower) return side === "above" ? whole(histogram, bucket, bound) : { count: 0, sum: 0 };
  if (bound >= upper) return side === "below" ? whole(histogram, bucket, bound) : { count: 0, sum: 0 };
  // Within a bucket that reaches to infinity nothing is known; it goes with the other side, but for a first bucket
  // whose values lie below the bound.
  if (upper === Infinity)
    return side === "above" && lower !== -Infinity ? whole(histogram, bucket, bound) : { count: 0, sum: 0 };
  if (lower === -Infinity) return side === "below" ? { count, sum: count * bound } : { count: 0, sum: 0 };
  const below = count * shareBelow(bound, histogram, bucket);
  const part = side === "below" ? { lower, upper: bound } : { lower: bound, upper };
  const kept = side === "below" ? below : count - below;
  return { count: kept, sum: kept * middleOf(isLinear(histogram, bucket), part, bound) };
}

function whole(histogram: NativeHistogram, bucket: BoundedBucket, bound: number): Kept {
  return { count: bucket.count, sum: bucket.count * middleOf(isLinear(histogram, bucket), bucket, bound) };
}

/** The value that stands for a bucket's observations. */
function middleOf(
  linear: boolean,
  { lower, upper }: { readonly lower: number; readonly upper: number },
  bound: number,
): number {
  if (upper === Infinity) return lower === -Infinity ? 0 : Math.max(lower, bound) === bound ? bound : lower;
  if (lower === -Infinity) return upper;
  if (linear) return (lower + upper) / 2;
  const middle = Math.sqrt(lower * upper);
  return upper < 0 ? -middle : middle;
}
