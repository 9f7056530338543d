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
  let [sum, lost, dropped, resets, count] = [0, 0, 0, 0, 0];
  let [min, max] = [Number.NaN, Number.NaN];
  let [first, last] = [-1, -1];
  for (let i = from; i < to; i++) {
    if (buckets.counts[i] === 0) continue;
    if (first < 0) first = i;
    else if (buckets.firsts[i]! < buckets.lasts[last]!) {
      dropped += buckets.lasts[last]!;
      resets++;
    }
    last = i;
    count += buckets.counts[i]!;
    resets += buckets.resets[i]!;
    dropped += droppedIn(buckets, i);
    const value = buckets.sums[i]!;
    const next = sum + value;
    if (next === Infinity || next === -Infinity) lost = 0;
    else if (Math.abs(sum) >= Math.abs(value)) lost += sum - next + value;
    else lost += value - next + sum;
    sum = next;
    if (buckets.mins[i]! < min || min !== min) min = buckets.mins[i]!;
    if (buckets.maxs[i]! > max || max !== max) max = buckets.maxs[i]!;
  }
  if (count === 0) {
    setEmpty(coarse, at);
    return;
  }
  coarse.counts[at] = count;
  coarse.sums[at] = sum === Infinity || sum === -Infinity ? sum : sum + lost;
  coarse.mins[at] = min;
  coarse.maxs[at] = max;
  coarse.firsts[at] = buckets.firsts[first]!;
  coarse.firstTimes[at] = buckets.firstTimes[first]!;
  coarse.lasts[at] = buckets.lasts[last]!;
  coarse.lastTimes[at] = buckets.lastTimes[last]!;
  coarse.increases[at] = increaseOf(coarse.firsts[at]!, coarse.lasts[at]!, dropped);
  coarse.resets[at] = resets;
}
