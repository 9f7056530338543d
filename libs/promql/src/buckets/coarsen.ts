import { compensatedSum } from "../functions/over-time-functions.ts";
import type { SampleBuckets } from "../value.ts";
import { bucketEndOf, createBuckets, droppedIn, increaseOf, setEmpty } from "./bucket-columns.ts";

/**
 * Puts buckets together in wider ones, as if these had been made of the samples themselves. `resolutionMs` must be a
 * multiple of the buckets' own.
 */
export function coarsen(buckets: SampleBuckets, resolutionMs: number): SampleBuckets {
  const { ends } = buckets;
  const limits: number[] = [];
  for (let i = 0; i < ends.length; i++) {
    const isLast = i + 1 === ends.length;
    if (isLast || ends[i + 1]! > bucketEndOf(ends[i]!, resolutionMs)) limits.push(i + 1);
  }
  const coarse = createBuckets(resolutionMs, limits.length);
  let from = 0;
  for (const [at, to] of limits.entries()) {
    coarse.ends[at] = bucketEndOf(ends[from]!, resolutionMs);
    coarse.markerTimes[at] = buckets.markerTimes[to - 1]!;
    combine(buckets, from, to, coarse, at);
    from = to;
  }
  return coarse;
}

function combine(buckets: SampleBuckets, from: number, to: number, coarse: SampleBuckets, at: number): void {
  const { counts, mins, maxs, firsts, lasts } = buckets;
  let [count, dropped, resets, min, max] = [0, 0, 0, Number.NaN, Number.NaN];
  let [first, last] = [-1, -1];
  for (let i = from; i < to; i++) {
    if (counts[i] === 0) continue;
    if (first < 0) first = i;
    else if (firsts[i]! < lasts[last]!) {
      dropped += lasts[last]!;
      resets++;
    }
    last = i;
    count += counts[i]!;
    resets += buckets.resets[i]!;
    dropped += droppedIn(buckets, i);
    if (mins[i]! < min || min !== min) min = mins[i]!;
    if (maxs[i]! > max || max !== max) max = maxs[i]!;
  }
  if (count === 0) {
    setEmpty(coarse, at);
    return;
  }
  coarse.counts[at] = count;
  // Sums of empty buckets are 0.
  coarse.sums[at] = compensatedSum(buckets.sums, from, to - 1);
  coarse.mins[at] = min;
  coarse.maxs[at] = max;
  coarse.firsts[at] = firsts[first]!;
  coarse.firstTimes[at] = buckets.firstTimes[first]!;
  coarse.lasts[at] = lasts[last]!;
  coarse.lastTimes[at] = buckets.lastTimes[last]!;
  coarse.increases[at] = increaseOf(firsts[first]!, lasts[last]!, dropped);
  coarse.resets[at] = resets;
}
