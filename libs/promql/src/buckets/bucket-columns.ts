import type { SampleBuckets } from "../value.ts";

/** Columns for `count` buckets, every entry of which is to be set. */
export function createBuckets(resolutionMs: number, count: number): SampleBuckets {
  return {
    resolutionMs,
    ends: new Float64Array(count),
    counts: new Float64Array(count),
    sums: new Float64Array(count),
    mins: new Float64Array(count),
    maxs: new Float64Array(count),
    firsts: new Float64Array(count),
    firstTimes: new Float64Array(count),
    lasts: new Float64Array(count),
    lastTimes: new Float64Array(count),
    increases: new Float64Array(count),
    resets: new Float64Array(count),
    markerTimes: new Float64Array(count),
  };
}

/** Makes entry `index` one without samples; its end and its marker are set apart. */
export function setEmpty(buckets: SampleBuckets, index: number): void {
  const { mins, maxs, firsts, firstTimes, lasts, lastTimes } = buckets;
  for (const column of [mins, maxs, firsts, firstTimes, lasts, lastTimes]) column[index] = Number.NaN;
}

/** Buckets whose every column went through `change`, which must keep them equally long. */
export function mapColumns(buckets: SampleBuckets, change: (column: Float64Array) => Float64Array): SampleBuckets {
  return {
    resolutionMs: buckets.resolutionMs,
    ends: change(buckets.ends),
    counts: change(buckets.counts),
    sums: change(buckets.sums),
    mins: change(buckets.mins),
    maxs: change(buckets.maxs),
    firsts: change(buckets.firsts),
    firstTimes: change(buckets.firstTimes),
    lasts: change(buckets.lasts),
    lastTimes: change(buckets.lastTimes),
    increases: change(buckets.increases),
    resets: change(buckets.resets),
    markerTimes: change(buckets.markerTimes),
  };
}

/** The end of the bucket that holds an instant: buckets are left-open and right-closed. */
export function bucketEndOf(timeMs: number, resolutionMs: number): number {
  return Math.ceil(timeMs / resolutionMs) * resolutionMs;
}

/** The rise from the first to the last value of a bucket, given the sum of the values before its resets. */
export function increaseOf(first: number, last: number, dropped: number): number {
  const difference = last - first;
  return Number.isFinite(difference) ? difference + dropped : dropped;
}

/** The sum of the values before the resets inside bucket `index`. */
export function droppedIn({ firsts, lasts, increases, resets }: SampleBuckets, index: number): number {
  if (resets[index] === 0) return 0;
  const difference = lasts[index]! - firsts[index]!;
  return Number.isFinite(difference) ? increases[index]! - difference : increases[index]!;
}
