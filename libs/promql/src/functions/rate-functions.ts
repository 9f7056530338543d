import { windowEndMs } from "../engine/range-window.ts";
import { extrapolationFactor } from "./extrapolate.ts";
import type { RangeCall, RangeKernel } from "./range-call.ts";

interface ExtrapolationKind {
  /** Falling values are resets, and results are not extrapolated below zero. */
  readonly isCounter: boolean;
  /** Per second instead of per window. */
  readonly isRate: boolean;
}

let resetIndexes = new Int32Array(1024);

/** Finds where a counter fell, once a series: the indexes of the samples after each reset. Returns how many. */
function findResets(values: Float64Array, from: number, to: number): number {
  if (resetIndexes.length < to - from) resetIndexes = new Int32Array((to - from) * 2);
  let count = 0;
  let previous = values[from]!;
  for (let i = from + 1; i < to; i++) {
    const value = values[i]!;
    if (value < previous) resetIndexes[count++] = i;
    previous = value;
  }
  return count;
}

/** rate, increase and delta: the difference over the window, extrapolated to its edges. */
function extrapolated({ isCounter, isRate }: ExtrapolationKind): RangeKernel {
  return (call, out, present) => {
    const { timestamps, values, low, high, windows, budget } = call;
    const { rangeMs, count } = windows;
    if (count === 0) return;
    const rangeSeconds = rangeMs / 1000;
    const resets = isCounter && high[count - 1]! > low[0]! ? findResets(values, low[0]!, high[count - 1]!) : 0;
    let resetFrom = 0;
    for (let step = 0; step < count; step++) {
      const first = low[step]!;
      const last = high[step]! - 1;
      if (last - first < 1) continue;
      const firstValue = values[first]!;
      let difference = values[last]! - firstValue;
      // Resets are rare: walk those inside the window instead of all its samples.
      while (resetFrom < resets && resetIndexes[resetFrom]! <= first) resetFrom++;
      for (let r = resetFrom; r < resets; r++) {
        const at = resetIndexes[r]!;
        if (at > last) break;
        difference += values[at - 1]!;
        budget.work(1);
      }
      let factor = extrapolationFactor(
        isCounter,
        difference,
        firstValue,
        timestamps[first]!,
        timestamps[last]!,
        last - first + 1,
        windowEndMs(windows, step),
        rangeMs,
      );
      if (isRate) factor /= rangeSeconds;
      out[step] = difference * factor;
      present[step] = 1;
    }
  };
}

/** irate and idelta: the last two samples only. */
function fromLastTwo(isRate: boolean): RangeKernel {
  return ({ timestamps, values, low, high }: RangeCall, out, present) => {
    for (let step = 0; step < out.length; step++) {
      const last = high[step]! - 1;
      if (last - low[step]! < 1) continue;
      const intervalMs = timestamps[last]! - timestamps[last - 1]!;
      if (intervalMs === 0) continue;
      const value = values[last]!;
      const previous = values[last - 1]!;
      const difference = isRate && value < previous ? value : value - previous;
      out[step] = isRate ? difference / (intervalMs / 1000) : difference;
      present[step] = 1;
    }
  };
}

/** Counts the samples of each window that stand in a relation to the one before them. */
function countPairs(isCounted: (value: number, previous: number) => boolean): RangeKernel {
  return ({ values, low, high }, out, present) => {
    const length = values.length;
    // counted[i]: pairs up to and including (i − 1, i); the difference of two entries is a window's count.
    const counted = new Int32Array(length + 1);
    for (let i = 1; i < length; i++) counted[i] = counted[i - 1]! + (isCounted(values[i]!, values[i - 1]!) ? 1 : 0);
    for (let step = 0; step < out.length; step++) {
      const first = low[step]!;
      const last = high[step]! - 1;
      if (last < first) continue;
      out[step] = counted[last]! - counted[first]!;
      present[step] = 1;
    }
  };
}

function isChange(value: number, previous: number): boolean {
  return value !== previous && !(Number.isNaN(value) && Number.isNaN(previous));
}

export const RATE_KERNELS = {
  rate: extrapolated({ isCounter: true, isRate: true }),
  increase: extrapolated({ isCounter: true, isRate: false }),
  delta: extrapolated({ isCounter: false, isRate: false }),
  irate: fromLastTwo(true),
  idelta: fromLastTwo(false),
  resets: countPairs((value, previous) => value < previous),
  changes: countPairs(isChange),
} as const;
