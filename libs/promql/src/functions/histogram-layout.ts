import type { NativeHistogram } from "../value.ts";

/** The schema of histograms with custom bucket bounds. */
export const CUSTOM_SCHEMA = -53;

/** Adjacent buckets of one side: the index of the first, and their counts. */
export interface BucketRun {
  readonly offset: number;
  readonly counts: readonly number[];
}

/** A bucket with its bounds; `lower` and `upper` of a negative bucket are negative. */
export interface BoundedBucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

export function hasCustomBuckets(histogram: NativeHistogram): boolean {
  return histogram.schema === CUSTOM_SCHEMA;
}

export function positiveRun(histogram: NativeHistogram): BucketRun {
  return { offset: histogram.positiveOffset, counts: histogram.positiveBuckets };
}

export function negativeRun(histogram: NativeHistogram): BucketRun {
  return { offset: histogram.negativeOffset, counts: histogram.negativeBuckets };
}

/** The upper bound of an exponential bucket; the last one ends at the largest float. */
export function exponentialBound(index: number, schema: number): number {
  return Math.min(2 ** (index * 2 ** -schema), Number.MAX_VALUE);
}

/** All buckets that are not empty, from the lowest values to the highest. */
export function boundedBuckets(histogram: NativeHistogram): BoundedBucket[] {
  if (hasCustomBuckets(histogram)) return customBuckets(histogram);
  const { schema, zeroCount, zeroThreshold } = histogram;
  const buckets: BoundedBucket[] = [];
  for (let i = histogram.negativeBuckets.length - 1; i >= 0; i--) {
    const index = histogram.negativeOffset + i;
    const count = histogram.negativeBuckets[i]!;
    if (count === 0) continue;
    buckets.push({ lower: -exponentialBound(index, schema), upper: -exponentialBound(index - 1, schema), count });
  }
  if (zeroCount !== 0) buckets.push({ lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount });
  for (const [i, count] of histogram.positiveBuckets.entries()) {
    const index = histogram.positiveOffset + i;
    if (count === 0) continue;
    buckets.push({ lower: exponentialBound(index - 1, schema), upper: exponentialBound(index, schema), count });
  }
  return buckets;
}

function customBuckets({ positiveOffset, positiveBuckets, customBounds }: NativeHistogram): BoundedBucket[] {
  const buckets: BoundedBucket[] = [];
  for (const [i, count] of positiveBuckets.entries()) {
    const index = positiveOffset + i;
    if (count === 0) continue;
    buckets.push({ lower: customBounds[index - 1] ?? -Infinity, upper: customBounds[index] ?? Infinity, count });
  }
  return buckets;
}

/** Without empty buckets at either end. */
export function trimRun({ offset, counts }: BucketRun): BucketRun {
  let from = 0;
  let to = counts.length;
  while (from < to && counts[from] === 0) from++;
  while (to > from && counts[to - 1] === 0) to--;
  if (from === to) return { offset: 0, counts: [] };
  return { offset: offset + from, counts: from === 0 && to === counts.length ? counts : counts.slice(from, to) };
}

/** A histogram without empty buckets at the ends of its runs. */
export function compacted(histogram: NativeHistogram): NativeHistogram {
  const positive = trimRun(positiveRun(histogram));
  const negative = trimRun(negativeRun(histogram));
  return {
    ...histogram,
    positiveOffset: positive.offset,
    positiveBuckets: positive.counts,
    negativeOffset: negative.offset,
    negativeBuckets: negative.counts,
  };
}

/** A run at a lower resolution: each step of the schema joins buckets 2k − 1 and 2k into k. */
export function reduceRun({ offset, counts }: BucketRun, from: number, to: number): BucketRun {
  if (from === to || counts.length === 0) return { offset, counts };
  const shift = from - to;
  const indexOf = (index: number): number => ((index - 1) >> shift) + 1;
  const first = indexOf(offset);
  const reduced = Array.from({ length: indexOf(offset + counts.length - 1) - first + 1 }, () => 0);
  for (const [i, count] of counts.entries()) reduced[indexOf(offset + i) - first]! += count;
  return { offset: first, counts: reduced };
}

/** A histogram at a lower resolution; exponential schemas only. */
export function toSchema(histogram: NativeHistogram, schema: number): NativeHistogram {
  if (histogram.schema === schema) return histogram;
  const positive = reduceRun(positiveRun(histogram), histogram.schema, schema);
  const negative = reduceRun(negativeRun(histogram), histogram.schema, schema);
  return {
    ...histogram,
    schema,
    positiveOffset: positive.offset,
    positiveBuckets: positive.counts,
    negativeOffset: negative.offset,
    negativeBuckets: negative.counts,
  };
}

/**
 * A histogram whose zero bucket reaches at least to `threshold`, and to the end of any bucket that lies across it; the
 * buckets inside are counted to the zero bucket.
 */
export function withZeroThreshold(histogram: NativeHistogram, threshold: number): NativeHistogram {
  let reach = threshold;
  for (const { lower, upper } of boundedBuckets({ ...histogram, zeroCount: 0 })) {
    const near = Math.min(Math.abs(lower), Math.abs(upper));
    const far = Math.max(Math.abs(lower), Math.abs(upper));
    if (near < reach && far > reach) reach = far;
  }
  if (reach <= histogram.zeroThreshold) return histogram;
  let zeroCount = histogram.zeroCount;
  const emptied = ({ offset, counts }: BucketRun): BucketRun => {
    const kept = counts.map((count, i) => {
      if (exponentialBound(offset + i, histogram.schema) > reach) return count;
      zeroCount += count;
      return 0;
    });
    return trimRun({ offset, counts: kept });
  };
  const positive = emptied(positiveRun(histogram));
  const negative = emptied(negativeRun(histogram));
  return {
    ...histogram,
    zeroThreshold: reach,
    zeroCount,
    positiveOffset: positive.offset,
    positiveBuckets: positive.counts,
    negativeOffset: negative.offset,
    negativeBuckets: negative.counts,
  };
}

/** The bounds that both have. */
export function commonBounds(a: readonly number[], b: readonly number[]): readonly number[] {
  const other = new Set(b);
  return a.filter((bound) => other.has(bound));
}

export function hasSameBounds(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((bound, i) => bound === b[i]);
}

/** A custom histogram with some of its bounds taken out; buckets between them are joined. */
export function toBounds(histogram: NativeHistogram, bounds: readonly number[]): NativeHistogram {
  if (hasSameBounds(histogram.customBounds, bounds)) return histogram;
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  let at = 0;
  for (const [i, count] of histogram.positiveBuckets.entries()) {
    const upper = histogram.customBounds[histogram.positiveOffset + i] ?? Infinity;
    while (at < bounds.length && bounds[at]! < upper) at++;
    counts[at]! += count;
  }
  const run = trimRun({ offset: 0, counts });
  return { ...histogram, customBounds: bounds, positiveOffset: run.offset, positiveBuckets: run.counts };
}
