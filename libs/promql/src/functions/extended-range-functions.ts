import { windowEndMs } from "../engine/range-window.ts";
import type { RangeCall, RangeKernel } from "./range-call.ts";

/** `anchored` and `smoothed` windows have values at their borders, so nothing is extrapolated. */
export type RangeExtension = "anchored" | "smoothed";

interface ChangeKind {
  readonly isCounter: boolean;
  readonly isRate: boolean;
}

/** The first sample of an anchored window: the last one at or before its start within the lookback, if there is one. */
export function anchorOf({ timestamps, low, windows, lookbackMs }: RangeCall, step: number): number {
  const first = low[step]!;
  const startMs = windowEndMs(windows, step) - windows.rangeMs;
  return first > 0 && timestamps[first - 1]! > startMs - lookbackMs ? first - 1 : first;
}

function resetsBetween(values: Float64Array, from: number, to: number): number {
  let lost = 0;
  for (let i = from + 1; i <= to; i++) if (values[i]! < values[i - 1]!) lost += values[i - 1]!;
  return lost;
}

function anchoredChange({ isCounter, isRate }: ChangeKind): RangeKernel {
  return (call, out, present) => {
    const { values, low, high, windows, budget } = call;
    for (let step = 0; step < out.length; step++) {
      if (high[step]! <= low[step]!) continue;
      const first = anchorOf(call, step);
      const last = high[step]! - 1;
      budget.work(last - first);
      let change = values[last]! - values[first]!;
      if (isCounter) change += resetsBetween(values, first, last);
      out[step] = isRate ? change / (windows.rangeMs / 1000) : change;
      present[step] = 1;
    }
  };
}

function anchoredCount(isCounted: (value: number, previous: number) => boolean): RangeKernel {
  return (call, out, present) => {
    const { values, low, high, budget } = call;
    for (let step = 0; step < out.length; step++) {
      if (high[step]! <= low[step]!) continue;
      let count = 0;
      budget.work(high[step]! - low[step]!);
      for (let i = anchorOf(call, step) + 1; i < high[step]!; i++) if (isCounted(values[i]!, values[i - 1]!)) count++;
      out[step] = count;
      present[step] = 1;
    }
  };
}

/** The value at an instant between two samples; a counter that fell has started from zero at the first of them. */
function valueBetween(call: RangeCall, before: number, atMs: number, isCounter: boolean): number {
  const { timestamps, values } = call;
  const share = (atMs - timestamps[before]!) / (timestamps[before + 1]! - timestamps[before]!);
  const [left, right] = [values[before]!, values[before + 1]!];
  return isCounter && right < left ? right * share : left + (right - left) * share;
}

function smoothedChange({ isCounter, isRate }: ChangeKind): RangeKernel {
  return (call, out, present) => {
    const { windows } = call;
    for (let step = 0; step < out.length; step++) {
      call.budget.work(call.high[step]! - call.low[step]!);
      const change = smoothedChangeAt(call, step, isCounter);
      if (change === undefined) continue;
      out[step] = isRate ? change / (windows.rangeMs / 1000) : change;
      present[step] = 1;
    }
  };
}

/**
 * The samples `from ≤ index < to` that a smoothed window is estimated from: those inside, one before and one after it
 * within the lookback; none where they say nothing of the window, because they lie on one side of it.
 */
export function smoothedSpanOf(call: RangeCall, step: number): readonly [from: number, to: number] {
  const { timestamps, low, high, windows, lookbackMs } = call;
  const endMs = windowEndMs(windows, step);
  const first = low[step]!;
  const after = high[step]!;
  const hasBefore = first > 0 && timestamps[first - 1]! > endMs - windows.rangeMs - lookbackMs;
  const hasAfter = after < timestamps.length && timestamps[after]! <= endMs + lookbackMs;
  if (first === after && !(hasBefore && hasAfter)) return [first, first];
  return [hasBefore ? first - 1 : first, hasAfter ? after + 1 : after];
}

function smoothedChangeAt(call: RangeCall, step: number, isCounter: boolean): number | undefined {
  const { values, low, high, windows } = call;
  const [from, to] = smoothedSpanOf(call, step);
  if (from === to) return undefined;
  const endMs = windowEndMs(windows, step);
  const first = low[step]!;
  const after = high[step]!;
  const left = from < first ? valueBetween(call, from, endMs - windows.rangeMs, isCounter) : values[first]!;
  const right = to > after ? valueBetween(call, after - 1, endMs, isCounter) : values[after - 1]!;
  let change = right - left;
  if (!isCounter) return change;
  let previous = left;
  for (let i = first; i < after; i++) {
    if (values[i]! < previous) change += previous;
    previous = values[i]!;
  }
  // Between two samples the left border has taken the reset into account.
  return right < previous && after > first ? change + previous : change;
}

function isChange(value: number, previous: number): boolean {
  return value !== previous && !(Number.isNaN(value) && Number.isNaN(previous));
}

/** The functions that take each kind of extended range, in the order messages list them. */
export const EXTENDED_KERNELS: Readonly<Record<RangeExtension, ReadonlyMap<string, RangeKernel>>> = {
  anchored: new Map([
    ["changes", anchoredCount(isChange)],
    ["delta", anchoredChange({ isCounter: false, isRate: false })],
    ["increase", anchoredChange({ isCounter: true, isRate: false })],
    ["rate", anchoredChange({ isCounter: true, isRate: true })],
    ["resets", anchoredCount((value, previous) => value < previous)],
  ]),
  smoothed: new Map([
    ["delta", smoothedChange({ isCounter: false, isRate: false })],
    ["increase", smoothedChange({ isCounter: true, isRate: false })],
    ["rate", smoothedChange({ isCounter: true, isRate: true })],
  ]),
};
