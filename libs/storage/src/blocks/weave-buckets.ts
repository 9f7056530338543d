import { joinBuckets, mapColumns, type SampleBuckets } from "@monotreme/promql";
import type { OpenRange } from "./chunk-assembler.ts";

/** Buckets `from` to `to`, as views. */
export function sliceBuckets(buckets: SampleBuckets, from: number, to: number): SampleBuckets {
  if (from === 0 && to === buckets.ends.length) return buckets;
  return mapColumns(buckets, (column) => column.subarray(from, to));
}

/** The buckets that lie in one of the ranges, which are in time order, apart, and begin and end on borders of buckets. */
export function bucketsWithin(buckets: SampleBuckets, ranges: readonly OpenRange[]): readonly SampleBuckets[] {
  const parts: SampleBuckets[] = [];
  let at = 0;
  for (const { afterMs, untilMs } of ranges) {
    const from = indexAfter(buckets.ends, afterMs, at);
    at = indexAfter(buckets.ends, untilMs, from);
    if (at > from) parts.push(sliceBuckets(buckets, from, at));
  }
  return parts;
}

/** Two sets of buckets of one series, none of them in both, in one time order. */
export function weaveBuckets(a: SampleBuckets, b: SampleBuckets): SampleBuckets {
  if (a.ends.length === 0) return b;
  if (b.ends.length === 0) return a;
  const parts: SampleBuckets[] = [];
  let [inA, inB] = [0, 0];
  while (inA < a.ends.length || inB < b.ends.length) {
    const toA = indexAfter(a.ends, b.ends[inB] ?? Infinity, inA);
    if (toA > inA) parts.push(sliceBuckets(a, inA, toA));
    inA = toA;
    const toB = indexAfter(b.ends, a.ends[inA] ?? Infinity, inB);
    if (toB > inB) parts.push(sliceBuckets(b, inB, toB));
    inB = toB;
  }
  return joinBuckets(parts);
}

/** The first index, from the given one on, whose time is after an instant. */
function indexAfter(times: Float64Array, timeMs: number, from: number): number {
  let [low, high] = [from, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
