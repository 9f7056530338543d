import { windowEndMs } from "../engine/range-window.ts";
import type { RangeCall, RangeKernel } from "./range-call.ts";

/** A range call whose samples say when their counting began; NaN where that is not known. */
export interface StartTimestampCall extends RangeCall {
  readonly startTimestamps: Float64Array;
}

type StartTimestampKernel = (call: StartTimestampCall, out: Float64Array, present: Uint8Array) => void;

/**
 * Whether counting began anew between a sample and the one before: its start lies between the two, or right at the one
 * before, which is how deltas follow each other, unless that one had no valid start of its own.
 */
export function startedAnew(
  { timestamps, startTimestamps }: Pick<StartTimestampCall, "timestamps" | "startTimestamps">,
  index: number,
): boolean {
  const start = startTimestamps[index]!;
  const previous = timestamps[index - 1]!;
  if (start > previous) return start < timestamps[index]!;
  return start === previous && startTimestamps[index - 1]! < previous;
}

function isReset(call: StartTimestampCall, index: number): boolean {
  return call.values[index]! < call.values[index - 1]! || startedAnew(call, index);
}

/** Whether a sample's start lies before the sample before it, and is not that one's start as well. */
export function overlapsPrevious({ timestamps, startTimestamps }: StartTimestampCall, index: number): boolean {
  const start = startTimestamps[index]!;
  return start < timestamps[index - 1]! && start !== startTimestamps[index - 1]!;
}

function changeAt(call: StartTimestampCall, step: number): number | undefined {
  const { timestamps, startTimestamps, values, low, high, windows } = call;
  const first = low[step]!;
  const last = high[step]! - 1;
  if (last < first) return undefined;
  const endMs = windowEndMs(windows, step);
  const windowStartMs = endMs - windows.rangeMs;
  const start = startTimestamps[first]!;
  // A counter was zero when its counting began: a sample of its own, where that lies in the window.
  const hasZero = start > windowStartMs && start < timestamps[first]!;
  if (!hasZero && last === first) return undefined;
  const firstMs = hasZero ? start : timestamps[first]!;
  const firstValue = hasZero ? 0 : values[first]!;
  let change = values[last]! - firstValue;
  for (let i = first + 1; i <= last; i++) if (isReset(call, i)) change += values[i - 1]!;
  const sampled = (timestamps[last]! - firstMs) / 1000;
  // One sample with its start has no interval to extrapolate by.
  if (last === first) return change;
  const interval = (timestamps[last]! - timestamps[first]!) / 1000 / (last - first);
  const gap = (seconds: number): number => (seconds >= interval * 1.1 ? interval / 2 : seconds);
  let toStart = gap((firstMs - windowStartMs) / 1000);
  if (change > 0 && firstValue >= 0) toStart = Math.min(toStart, sampled * (firstValue / change));
  return change * ((sampled + toStart + gap((endMs - timestamps[last]!) / 1000)) / sampled);
}

function extrapolated(isRate: boolean): StartTimestampKernel {
  return (call, out, present) => {
    for (let step = 0; step < out.length; step++) {
      call.budget.work(call.high[step]! - call.low[step]!);
      const change = changeAt(call, step);
      if (change === undefined) continue;
      out[step] = isRate ? change / (call.windows.rangeMs / 1000) : change;
      present[step] = 1;
    }
  };
}

const irate: StartTimestampKernel = (call, out, present) => {
  const { timestamps, values, low, high } = call;
  for (let step = 0; step < out.length; step++) {
    const last = high[step]! - 1;
    if (last - low[step]! < 1) continue;
    const seconds = (timestamps[last]! - timestamps[last - 1]!) / 1000;
    out[step] = (isReset(call, last) ? values[last]! : values[last]! - values[last - 1]!) / seconds;
    present[step] = 1;
  }
};

const resets: StartTimestampKernel = (call, out, present) => {
  const { low, high, budget } = call;
  for (let step = 0; step < out.length; step++) {
    if (high[step]! <= low[step]!) continue;
    budget.work(high[step]! - low[step]!);
    let count = 0;
    for (let i = low[step]! + 1; i < high[step]!; i++) if (isReset(call, i)) count++;
    out[step] = count;
    present[step] = 1;
  }
};

const KERNELS: ReadonlyMap<string, StartTimestampKernel> = new Map([
  ["rate", extrapolated(true)],
  ["increase", extrapolated(false)],
  ["irate", irate],
  ["resets", resets],
]);

/** Whether a function's result may depend on start timestamps. */
export function heedsStarts(name: string): boolean {
  return KERNELS.has(name) || name === "start_timestamp";
}

/** The kernel of a function that heeds start timestamps, for a series that has some; undefined for all others. */
export function startTimestampKernel(name: string, startTimestamps: Float64Array): RangeKernel | undefined {
  const kernel = KERNELS.get(name);
  return kernel && ((call, out, present) => kernel({ ...call, startTimestamps }, out, present));
}

/** Whether any window of a call has a sample whose start overlaps the sample before it. */
export function hasOverlap(call: StartTimestampCall): boolean {
  const { low, high, budget } = call;
  for (let step = 0; step < low.length; step++) {
    budget.work(high[step]! - low[step]!);
    for (let i = low[step]! + 1; i < high[step]!; i++) if (overlapsPrevious(call, i)) return true;
  }
  return false;
}
