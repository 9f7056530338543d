import { METRIC_NAME } from "@monotreme/model";
import type { VectorSelector } from "../ast.ts";
import { isCombinable } from "../functions/histogram-arithmetic.ts";
import { histogramBetween } from "../functions/histogram-extended-range.ts";
import type { NativeHistogram } from "../value.ts";
import { quoted } from "./annotations.ts";
import {
  ABSENT,
  type ColumnSeries,
  countSamples,
  createColumn,
  FLOAT,
  HISTOGRAM,
  hasSamples,
  type HistogramColumn,
} from "./column.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { countUpTo, type RangeSeries, windowEndMs, type Windows } from "./range-window.ts";

/**
 * `selector smoothed`: the value between the samples around each instant, the last one where none follows. Where floats
 * and histograms, or histograms that do not go together, meet, there is a warning and no value.
 */
export function selectSmoothed(
  selector: VectorSelector,
  ranges: readonly RangeSeries[],
  windows: Windows,
  context: EvaluationContext,
): readonly ColumnSeries[] {
  const { budget } = context;
  const columns: ColumnSeries[] = [];
  for (const series of ranges) {
    budget.holdCells(windows.count);
    const column =
      series.histograms === undefined
        ? smoothedColumn(series, windows)
        : smoothedHistograms(selector, series, windows, context);
    budget.work(series.timestamps.length + windows.count);
    budget.hold(countSamples([column]));
    if (hasSamples(column)) columns.push(column);
    else budget.releaseCells(windows.count);
  }
  return columns;
}

/** Sees the samples of a whole lookback on both sides of each instant. */
function smoothedHistograms(
  selector: VectorSelector,
  series: RangeSeries,
  windows: Windows,
  context: EvaluationContext,
): ColumnSeries {
  const { timestamps } = series;
  const histograms: HistogramColumn = [];
  const column = { ...smoothedColumn(series, windows), histograms };
  const warn = (message: string): void => {
    const name = quoted(series.labels.get(METRIC_NAME));
    context.annotations.warn(`${message} for metric name ${name}`, selector.position);
  };
  let [from, next, to] = [0, 0, 0];
  for (let step = 0; step < windows.count; step++) {
    const atMs = windowEndMs(windows, step);
    from = countUpTo(timestamps, atMs - windows.rangeMs, from, 0);
    next = countUpTo(timestamps, atMs, next, 0);
    to = countUpTo(timestamps, atMs + windows.rangeMs, to, 0);
    context.budget.work(to - from);
    const kinds = kindsOf(series, from, to);
    if (kinds === "floats") continue;
    column.present[step] = ABSENT;
    if (kinds === "both") warn("encountered a mix of histograms and floats");
    else if (next > from) {
      histograms[step] = histogramAt(series, next, next < to, atMs);
      if (histograms[step] === undefined)
        warn("vector contains a mix of histograms with exponential and custom buckets schemas");
      else column.present[step] = HISTOGRAM;
    }
  }
  return column;
}

function kindsOf({ histograms }: RangeSeries, from: number, to: number): "floats" | "histograms" | "both" {
  let count = 0;
  for (let i = from; i < to; i++) if (histograms?.[i] !== undefined) count++;
  if (count === 0) return "floats";
  return count === to - from ? "histograms" : "both";
}

/** Between the histograms `next - 1` and `next`, or the former where none follows. */
function histogramAt(series: RangeSeries, next: number, hasNext: boolean, atMs: number): NativeHistogram | undefined {
  const { timestamps, histograms } = series;
  const left = histograms?.[next - 1];
  const right = hasNext ? histograms?.[next] : undefined;
  if (left === undefined || right === undefined || timestamps[next - 1] === atMs) return left;
  return between(left, right, (atMs - timestamps[next - 1]!) / (timestamps[next]! - timestamps[next - 1]!));
}

function between(left: NativeHistogram, right: NativeHistogram, share: number): NativeHistogram | undefined {
  if (!isCombinable([left, right])) return undefined;
  return histogramBetween(left, right, share, left.counterResetHint !== "gauge" && right.counterResetHint !== "gauge");
}

function smoothedColumn({ labels, dropName, timestamps, values }: RangeSeries, windows: Windows): ColumnSeries {
  const column = createColumn(labels, dropName, windows.count);
  let next = 0;
  for (let step = 0; step < windows.count; step++) {
    const atMs = windowEndMs(windows, step);
    next = countUpTo(timestamps, atMs, next, 0);
    const before = next - 1;
    if (before < 0 || timestamps[before]! <= atMs - windows.rangeMs) continue;
    const left = values[before]!;
    const hasNext = next < timestamps.length && timestamps[next]! <= atMs + windows.rangeMs;
    const share = hasNext ? (atMs - timestamps[before]!) / (timestamps[next]! - timestamps[before]!) : 0;
    column.values[step] = share === 0 ? left : left + (values[next]! - left) * share;
    column.present[step] = FLOAT;
  }
  return column;
}
