import { windowEndMs } from "../engine/range-window.ts";
import { extrapolationFactor } from "../functions/extrapolate.ts";
import { compensatedSum } from "../functions/over-time-functions.ts";
import type { RangeCall, RangeKernel } from "../functions/range-call.ts";
import { RANGE_FUNCTIONS } from "../functions/range-function-table.ts";
import type { SampleBuckets } from "../value.ts";
import { findDrops } from "./counter-drops.ts";

/**
 * Evaluates a range function over buckets, none of them empty. The call's columns are the last samples of the buckets, and
 * its windows hold whole buckets.
 */
export type BucketKernel = (call: RangeCall, buckets: SampleBuckets, out: Float64Array, present: Uint8Array) => void;

/** Runs the kernel of raw samples on other columns of the buckets. */
function onColumns(
  name: string,
  columnsOf: (buckets: SampleBuckets) => Partial<Pick<RangeCall, "timestamps" | "values">>,
): [string, BucketKernel] {
  const kernel: RangeKernel | undefined = RANGE_FUNCTIONS.get(name)?.kernel;
  return [name, (call, buckets, out, present) => kernel?.({ ...call, ...columnsOf(buckets) }, out, present)];
}

let countSums = new Float64Array(1024);

/** Entry i: how many samples the first i buckets have. The next call uses the array again. */
function countsUpTo({ counts }: SampleBuckets): Float64Array {
  if (countSums.length <= counts.length) countSums = new Float64Array(counts.length * 2);
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    sum += counts[i]!;
    countSums[i + 1] = sum;
  }
  return countSums;
}

const countOverTime: BucketKernel = ({ low, high }, buckets, out, present) => {
  const counts = countsUpTo(buckets);
  for (let step = 0; step < out.length; step++) {
    if (high[step]! <= low[step]!) continue;
    out[step] = counts[high[step]!]! - counts[low[step]!]!;
    present[step] = 1;
  }
};

const avgOverTime: BucketKernel = ({ low, high, budget }, buckets, out, present) => {
  const { sums } = buckets;
  const counts = countsUpTo(buckets);
  for (let step = 0; step < out.length; step++) {
    const first = low[step]!;
    const after = high[step]!;
    if (after <= first) continue;
    budget.work(after - first);
    const count = counts[after]! - counts[first]!;
    const sum = compensatedSum(sums, first, after - 1);
    out[step] = Number.isFinite(sum) ? sum / count : meanOfShares(sums, first, after, count);
    present[step] = 1;
  }
};

/** For sums that are finite, but not all together. */
function meanOfShares(sums: Float64Array, first: number, after: number, count: number): number {
  let mean = 0;
  for (let i = first; i < after; i++) mean += sums[i]! / count;
  return mean;
}

/** Whether the first value of a bucket is less than the last one of the bucket before it. */
function isResetBefore({ firsts, lasts }: SampleBuckets, index: number): boolean {
  return index > 0 && firsts[index]! < lasts[index - 1]!;
}

const resetsInWindow: BucketKernel = ({ low, high }, buckets, out, present) => {
  const { resets } = buckets;
  // Resets up to the end of each bucket, those between buckets among them.
  const upTo = resets.slice();
  for (let i = 1; i < upTo.length; i++) upTo[i]! += upTo[i - 1]! + (isResetBefore(buckets, i) ? 1 : 0);
  for (let step = 0; step < out.length; step++) {
    const first = low[step]!;
    const last = high[step]! - 1;
    if (last < first) continue;
    out[step] = upTo[last]! - upTo[first]! + resets[first]!;
    present[step] = 1;
  }
};

/** rate, increase and delta from the first and last samples of the first and last bucket, and the resets between. */
function extrapolated(isCounter: boolean, isRate: boolean): BucketKernel {
  return ({ low, high, windows, budget }, buckets, out, present) => {
    const { firsts, firstTimes, lasts, lastTimes } = buckets;
    const counts = countsUpTo(buckets);
    const drops = isCounter ? findDrops(buckets) : undefined;
    for (let step = 0; step < out.length; step++) {
      const first = low[step]!;
      const last = high[step]! - 1;
      const count = last < first ? 0 : counts[last + 1]! - counts[first]!;
      if (count < 2) continue;
      const firstValue = firsts[first]!;
      let difference = lasts[last]! - firstValue;
      if (drops !== undefined) difference = drops.addTo(difference, first, last, budget);
      const factor = extrapolationFactor(
        isCounter,
        difference,
        firstValue,
        firstTimes[first]!,
        lastTimes[last]!,
        count,
        windowEndMs(windows, step),
        windows.rangeMs,
      );
      out[step] = difference * (isRate ? factor / (windows.rangeMs / 1000) : factor);
      present[step] = 1;
    }
  };
}

/**
 * What gives the same from buckets as from raw samples, by the name of the function. Other functions of
 * `EXACT_RANGE_FUNCTIONS` need no more than the last samples.
 */
export const BUCKET_KERNELS: ReadonlyMap<string, BucketKernel> = new Map([
  onColumns("sum_over_time", ({ sums }) => ({ values: sums })),
  onColumns("min_over_time", ({ mins }) => ({ values: mins })),
  onColumns("max_over_time", ({ maxs }) => ({ values: maxs })),
  onColumns("first_over_time", ({ firsts }) => ({ values: firsts })),
  onColumns("ts_of_first_over_time", ({ firstTimes }) => ({ timestamps: firstTimes })),
  ["count_over_time", countOverTime],
  ["avg_over_time", avgOverTime],
  ["resets", resetsInWindow],
  ["rate", extrapolated(true, true)],
  ["increase", extrapolated(true, false)],
  ["delta", extrapolated(false, false)],
]);
