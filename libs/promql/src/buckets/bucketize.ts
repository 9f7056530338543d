import { isStaleAt, wordsOf } from "@monotreme/model";
import { compensatedSum } from "../functions/over-time-functions.ts";
import type { SampleBuckets, SeriesSamples } from "../value.ts";
import { bucketEndOf, createBuckets, increaseOf, setEmpty } from "./bucket-columns.ts";

type Columns = Pick<SeriesSamples, "timestamps" | "values">;

/** Puts the samples of one float series together in buckets. `resolutionMs` is a positive whole number. */
export function bucketize(samples: Columns, resolutionMs: number): SampleBuckets {
  const { timestamps, values } = samples;
  const count = countBuckets(timestamps, resolutionMs);
  const buckets = createBuckets(resolutionMs, count);
  const words = wordsOf(values);
  let from = 0;
  for (let at = 0; at < count; at++) {
    const end = bucketEndOf(timestamps[from]!, resolutionMs);
    let to = from + 1;
    while (to < timestamps.length && timestamps[to]! <= end) to++;
    buckets.ends[at] = end;
    buckets.markerTimes[at] = isStaleAt(words, to - 1) ? timestamps[to - 1]! : Number.NaN;
    const sum = compensatedSum(values, from, to - 1);
    // Only where there is a NaN there may be markers.
    if (sum === sum || !hasMarkers(words, from, to)) fillBucket(buckets, at, samples, { from, to, sum });
    else fillWithoutMarkers(buckets, at, samples, from, to);
    from = to;
  }
  return buckets;
}

function countBuckets(timestamps: Float64Array, resolutionMs: number): number {
  let count = 0;
  let end = -Infinity;
  for (let i = 0; i < timestamps.length; i++) {
    if (timestamps[i]! <= end) continue;
    end = bucketEndOf(timestamps[i]!, resolutionMs);
    count++;
  }
  return count;
}

function hasMarkers(words: Uint32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (isStaleAt(words, i)) return true;
  return false;
}

function fillWithoutMarkers(buckets: SampleBuckets, at: number, all: Columns, from: number, to: number): void {
  const words = wordsOf(all.values);
  const isSample = (_: number, index: number): boolean => !isStaleAt(words, from + index);
  const timestamps = all.timestamps.subarray(from, to).filter(isSample);
  const values = all.values.subarray(from, to).filter(isSample);
  if (values.length === 0) setEmpty(buckets, at);
  else {
    const sum = compensatedSum(values, 0, values.length - 1);
    fillBucket(buckets, at, { timestamps, values }, { from: 0, to: values.length, sum });
  }
}

interface BucketSpan {
  readonly from: number;
  readonly to: number;
  /** Of the values `from ≤ index < to`. */
  readonly sum: number;
}

/** Fills bucket `at` from samples without markers among them, at least one. */
function fillBucket(buckets: SampleBuckets, at: number, samples: Columns, { from, to, sum }: BucketSpan): void {
  const { timestamps, values } = samples;
  const first = values[from]!;
  let [min, max, previous, dropped, resets] = [first, first, first, 0, 0];
  for (let i = from + 1; i < to; i++) {
    const value = values[i]!;
    if (value < previous) {
      dropped += previous;
      resets++;
    }
    previous = value;
    // A NaN is the only value that differs from itself.
    if (value < min || min !== min) min = value;
    if (value > max || max !== max) max = value;
  }
  buckets.counts[at] = to - from;
  buckets.sums[at] = sum;
  buckets.mins[at] = min;
  buckets.maxs[at] = max;
  buckets.firsts[at] = first;
  buckets.firstTimes[at] = timestamps[from]!;
  buckets.lasts[at] = previous;
  buckets.lastTimes[at] = timestamps[to - 1]!;
  buckets.increases[at] = increaseOf(first, previous, dropped);
  buckets.resets[at] = resets;
}
