import { isStaleAt, wordsOf } from "@monotreme/model";
import type { SampleBuckets, SeriesSamples } from "../value.ts";
import { bucketEndOf, createBuckets, increaseOf, setEmpty } from "./bucket-columns.ts";

/** Puts the samples of one float series together in buckets. `resolutionMs` is a positive whole number. */
export function bucketize(samples: Pick<SeriesSamples, "timestamps" | "values">, resolutionMs: number): SampleBuckets {
  const { timestamps } = samples;
  const count = countBuckets(timestamps, resolutionMs);
  const buckets = createBuckets(resolutionMs, count);
  const words = wordsOf(samples.values);
  let from = 0;
  for (let at = 0; at < count; at++) {
    const end = bucketEndOf(timestamps[from]!, resolutionMs);
    buckets.ends[at] = end;
    from = fillBucket(buckets, at, samples, words, from);
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

/** Fills bucket `at` from sample `from` on; returns the index of the first sample after it. */
function fillBucket(
  buckets: SampleBuckets,
  at: number,
  { timestamps, values }: Pick<SeriesSamples, "timestamps" | "values">,
  words: Uint32Array,
  from: number,
): number {
  const end = buckets.ends[at]!;
  let [count, sum, lost, dropped, resets] = [0, 0, 0, 0, 0];
  let [min, max, previous] = [Number.NaN, Number.NaN, Number.NaN];
  let [first, last] = [-1, -1];
  let i = from;
  for (; i < timestamps.length && timestamps[i]! <= end; i++) {
    const value = values[i]!;
    // Only a NaN can be a marker, and a NaN is the only value that differs from itself.
    if (value !== value && isStaleAt(words, i)) continue;
    if (first < 0) first = i;
    last = i;
    count++;
    const next = sum + value;
    if (next === Infinity || next === -Infinity) lost = 0;
    else if (Math.abs(sum) >= Math.abs(value)) lost += sum - next + value;
    else lost += value - next + sum;
    sum = next;
    if (value < previous) {
      dropped += previous;
      resets++;
    }
    previous = value;
    if (value < min || min !== min) min = value;
    if (value > max || max !== max) max = value;
  }
  buckets.markerTimes[at] = last === i - 1 ? Number.NaN : timestamps[i - 1]!;
  if (count === 0) {
    setEmpty(buckets, at);
    return i;
  }
  buckets.counts[at] = count;
  buckets.sums[at] = sum === Infinity || sum === -Infinity ? sum : sum + lost;
  buckets.mins[at] = min;
  buckets.maxs[at] = max;
  buckets.firsts[at] = values[first]!;
  buckets.firstTimes[at] = timestamps[first]!;
  buckets.lasts[at] = values[last]!;
  buckets.lastTimes[at] = timestamps[last]!;
  buckets.increases[at] = increaseOf(values[first]!, values[last]!, dropped);
  buckets.resets[at] = resets;
  return i;
}
