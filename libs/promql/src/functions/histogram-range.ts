import type { PositionRange } from "../ast.ts";
import { type Annotations, quoted } from "../engine/annotations.ts";
import type { NativeHistogram } from "../value.ts";
import {
  addHistograms,
  combineHistograms,
  emptyLike,
  isCombinable,
  isResetBetween,
  scaleHistogram,
  subtractHistograms,
} from "./histogram-arithmetic.ts";
import { compacted, hasCustomBuckets } from "./histogram-layout.ts";
import { compensatedMean, compensatedSum } from "./over-time-functions.ts";
import { startedAnew } from "./start-timestamp-functions.ts";

/** The histograms of one window, at least one, with what is needed to warn about them. */
export interface HistogramWindow {
  readonly histograms: readonly NativeHistogram[];
  readonly timestamps: Float64Array;
  /** When the counting of each histogram began, NaN where unknown; undefined where that does not matter. */
  readonly startTimestamps: Float64Array | undefined;
  readonly endMs: number;
  readonly rangeMs: number;
  readonly metricName: string;
  readonly annotations: Annotations;
  readonly tellsResetConflicts: boolean;
  /** Of the range vector in the query. */
  readonly position: PositionRange;
}

export type HistogramRangeFunction = (window: HistogramWindow) => NativeHistogram | undefined;

export const RESET_CONFLICT = "conflicting counter resets during histogram aggregation";

export function warnNot(kind: "counter" | "gauge", window: HistogramWindow): void {
  const message = `this native histogram metric is not a ${kind}: ${quoted(window.metricName)}`;
  window.annotations.warn(message, window.position);
}

export function warnMixedSchemas(window: HistogramWindow): undefined {
  window.annotations.warn(
    "vector contains a mix of histograms with exponential and custom buckets schemas " +
      `for metric name ${quoted(window.metricName)}`,
    window.position,
  );
  return undefined;
}

export function informReconciled(window: HistogramWindow, during: string): void {
  window.annotations.inform(`mismatched custom buckets were reconciled during ${during}`, window.position);
}

export function isGauge(histogram: NativeHistogram): boolean {
  return histogram.counterResetHint === "gauge";
}

/** Whether a counter started anew before a histogram, by the histograms or by when their counting began. */
function isResetAt({ histograms, timestamps, startTimestamps }: HistogramWindow, index: number): boolean {
  if (isResetBetween(histograms[index - 1]!, histograms[index]!)) return true;
  return startTimestamps !== undefined && startedAnew({ timestamps, startTimestamps }, index);
}

/** When the first histogram's counting began, where that lies in the window: a counter was zero then. */
function zeroMsOf({ timestamps, startTimestamps, endMs, rangeMs }: HistogramWindow): number | undefined {
  const start = startTimestamps?.[0];
  return start !== undefined && start > endMs - rangeMs && start < timestamps[0]! ? start : undefined;
}

/**
 * The change over a window's histograms, resets added for counters; undefined where they do not go together.
 * `fromZero`: from zero to the first as well.
 */
export function changeOver(
  window: HistogramWindow,
  isCounter: boolean,
  fromZero: boolean,
): NativeHistogram | undefined {
  const { histograms } = window;
  const last = histograms.at(-1)!;
  let first = histograms[0]!;
  let from = 1;
  if (isCounter && histograms.some(isGauge)) warnNot("counter", window);
  if (!isCounter && !(isGauge(first) && isGauge(last))) warnNot("gauge", window);
  if (fromZero) {
    first = emptyLike(first);
  } else if (isCounter && histograms.length > 1 && isResetAt(window, 1)) {
    // Before a reset the first histogram does not matter, nor does whether its layout fits.
    first = emptyLike(histograms[1]!);
    from = 2;
  }
  if (hasCustomBuckets(last) !== hasCustomBuckets(first)) return warnMixedSchemas(window);
  if (isCounter && !isCombinable([first, ...histograms.slice(1)])) return warnMixedSchemas(window);
  const difference = subtractHistograms(last, first);
  if (difference.isReconciled) informReconciled(window, "subtraction");
  return isCounter ? withResets(window, difference.histogram, from) : difference.histogram;
}

/** Adds what a counter had reached before each reset from histogram `from` on. */
function withResets(window: HistogramWindow, difference: NativeHistogram, from: number): NativeHistogram {
  const { histograms } = window;
  let change = difference;
  for (let i = from; i < histograms.length; i++) {
    if (!isResetAt(window, i)) continue;
    const added = addHistograms(change, histograms[i - 1]!);
    if (added.isReconciled) informReconciled(window, "addition");
    change = { ...added.histogram, counterResetHint: "gauge" };
  }
  return change;
}

/** As for floats; the count decides where a counter was zero. */
function extrapolated(isCounter: boolean, isRate: boolean): HistogramRangeFunction {
  return (window) => {
    const { histograms, timestamps, endMs, rangeMs } = window;
    const zeroMs = isCounter ? zeroMsOf(window) : undefined;
    if (histograms.length < 2 && zeroMs === undefined) return undefined;
    const change = changeOver(window, isCounter, zeroMs !== undefined);
    if (change === undefined) return undefined;
    // One histogram with its start has no interval to extrapolate by.
    if (histograms.length === 1) return compacted(isRate ? scaleHistogram(change, 1000 / rangeMs) : change);
    const firstMs = zeroMs ?? timestamps[0]!;
    const lastMs = timestamps[timestamps.length - 1]!;
    const sampled = (lastMs - firstMs) / 1000;
    const interval = (lastMs - timestamps[0]!) / 1000 / (histograms.length - 1);
    const gap = (seconds: number): number => (seconds >= interval * 1.1 ? interval / 2 : seconds);
    let toStart = gap((firstMs - (endMs - rangeMs)) / 1000);
    const firstCount = zeroMs === undefined ? histograms[0]!.count : 0;
    if (isCounter && change.count > 0 && firstCount >= 0) {
      toStart = Math.min(toStart, sampled * (firstCount / change.count));
    }
    let factor = (sampled + toStart + gap((endMs - lastMs) / 1000)) / sampled;
    if (isRate) factor /= rangeMs / 1000;
    return compacted(scaleHistogram(change, factor));
  };
}

function fromLastTwo(isRate: boolean): HistogramRangeFunction {
  return (window) => {
    const { histograms, timestamps } = window;
    if (histograms.length < 2) return undefined;
    const [previous, last] = [histograms.at(-2)!, histograms.at(-1)!];
    const seconds = (timestamps[timestamps.length - 1]! - timestamps[timestamps.length - 2]!) / 1000;
    if (isRate && (isGauge(previous) || isGauge(last))) warnNot("counter", window);
    if (!isRate && !(isGauge(previous) && isGauge(last))) warnNot("gauge", window);
    let change: NativeHistogram = { ...last, counterResetHint: "gauge" };
    if (!isRate || !isResetAt(window, histograms.length - 1)) {
      if (!isCombinable([previous, last])) return warnMixedSchemas(window);
      const difference = subtractHistograms(last, previous);
      if (difference.isReconciled) informReconciled(window, "subtraction");
      change = difference.histogram;
    }
    return compacted(isRate ? scaleHistogram(change, 1 / seconds) : change);
  };
}

function combined(combine: (values: Float64Array, first: number, last: number) => number): HistogramRangeFunction {
  return (window) => {
    const { histograms, annotations, position } = window;
    if (!isCombinable(histograms)) return warnMixedSchemas(window);
    const result = combineHistograms(histograms, (values) => combine(values, 0, values.length - 1));
    if (result.isReconciled) informReconciled(window, "aggregation");
    if (result.hasResetConflict && window.tellsResetConflicts) annotations.warn(RESET_CONFLICT, position);
    return result.histogram;
  };
}

/** Functions of windows that hold native histograms alone, by name. */
export const HISTOGRAM_RANGE_FUNCTIONS: ReadonlyMap<string, HistogramRangeFunction> = new Map([
  ["rate", extrapolated(true, true)],
  ["increase", extrapolated(true, false)],
  ["delta", extrapolated(false, false)],
  ["irate", fromLastTwo(true)],
  ["idelta", fromLastTwo(false)],
  ["sum_over_time", combined(compensatedSum)],
  ["avg_over_time", combined(compensatedMean)],
]);
