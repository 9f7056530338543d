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

/** The histograms of one window, at least one, with what is needed to warn about them. */
export interface HistogramWindow {
  readonly histograms: readonly NativeHistogram[];
  readonly timestamps: Float64Array;
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

function warnNot(kind: "counter" | "gauge", window: HistogramWindow): void {
  const message = `this native histogram metric is not a ${kind}: ${quoted(window.metricName)}`;
  window.annotations.warn(message, window.position);
}

function warnMixedSchemas(window: HistogramWindow): undefined {
  window.annotations.warn(
    "vector contains a mix of histograms with exponential and custom buckets schemas " +
      `for metric name ${quoted(window.metricName)}`,
    window.position,
  );
  return undefined;
}

function informReconciled(window: HistogramWindow, during: string): void {
  window.annotations.inform(`mismatched custom buckets were reconciled during ${during}`, window.position);
}

function isGauge(histogram: NativeHistogram): boolean {
  return histogram.counterResetHint === "gauge";
}

/** The change over a window's histograms, resets added for counters; undefined where they do not go together. */
function changeOver(window: HistogramWindow, isCounter: boolean): NativeHistogram | undefined {
  const { histograms } = window;
  let first = histograms[0]!;
  const second = histograms[1]!;
  const last = histograms.at(-1)!;
  if (isCounter && histograms.some(isGauge)) warnNot("counter", window);
  if (!isCounter && !(isGauge(first) && isGauge(last))) warnNot("gauge", window);
  // Before a reset the first histogram does not matter, nor does whether its layout fits.
  if (isCounter && isResetBetween(first, second)) first = emptyLike(second);
  if (hasCustomBuckets(last) !== hasCustomBuckets(first)) return warnMixedSchemas(window);
  if (isCounter && !isCombinable([first, ...histograms.slice(1)])) return warnMixedSchemas(window);
  const difference = subtractHistograms(last, first);
  if (difference.isReconciled) informReconciled(window, "subtraction");
  let change = difference.histogram;
  if (!isCounter) return change;
  let previous = first;
  for (const current of histograms.slice(1)) {
    if (isResetBetween(previous, current)) {
      const added = addHistograms(change, previous);
      if (added.isReconciled) informReconciled(window, "addition");
      change = { ...added.histogram, counterResetHint: "gauge" };
    }
    previous = current;
  }
  return change;
}

/** As for floats; the count decides where a counter was zero. */
function extrapolated(isCounter: boolean, isRate: boolean): HistogramRangeFunction {
  return (window) => {
    const { histograms, timestamps, endMs, rangeMs } = window;
    if (histograms.length < 2) return undefined;
    const change = changeOver(window, isCounter);
    if (change === undefined) return undefined;
    const firstMs = timestamps[0]!;
    const lastMs = timestamps[timestamps.length - 1]!;
    const sampled = (lastMs - firstMs) / 1000;
    const interval = sampled / (histograms.length - 1);
    const gap = (seconds: number): number => (seconds >= interval * 1.1 ? interval / 2 : seconds);
    let toStart = gap((firstMs - (endMs - rangeMs)) / 1000);
    const firstCount = histograms[0]!.count;
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
    if (!isRate || !isResetBetween(previous, last)) {
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
