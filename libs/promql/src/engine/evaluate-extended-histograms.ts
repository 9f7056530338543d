import { METRIC_NAME } from "@monotreme/model";
import { anchorOf, type RangeExtension, smoothedSpanOf } from "../functions/extended-range-functions.ts";
import { anchoredHistogram, smoothedHistogram } from "../functions/histogram-extended-range.ts";
import type { HistogramWindow } from "../functions/histogram-range.ts";
import type { RangeCall, RangeKernel } from "../functions/range-call.ts";
import type { NativeHistogram } from "../value.ts";
import { quoted } from "./annotations.ts";
import { ABSENT, type ColumnSeries, createColumn, HISTOGRAM, type HistogramColumn } from "./column.ts";
import { countPairs } from "./count-histogram-pairs.ts";
import type { RangeEvaluation } from "./evaluate-range-function.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { type RangeSeries, windowEndMs } from "./range-window.ts";

/** How the functions of extended ranges evaluate a series that has native histograms, alone or among floats. */
export interface ExtendedEvaluation {
  readonly evaluation: RangeEvaluation;
  readonly extension: RangeExtension;
  /** Of the floats. */
  readonly kernel: RangeKernel;
  readonly call: RangeCall;
}

/** Evaluates a function of an `anchored` or `smoothed` range; windows that mix floats and histograms give a warning. */
export function evaluateExtendedHistograms(
  extended: ExtendedEvaluation,
  series: RangeSeries,
  context: EvaluationContext,
): ColumnSeries {
  const { evaluation, extension, kernel, call } = extended;
  const { name } = evaluation.rangeFunction;
  const histograms: HistogramColumn = [];
  const column = { ...createColumn(series.labels, series.dropName, evaluation.grid.count), histograms };
  if (name === "resets" || name === "changes") {
    countPairs(name, series, call, (step) => anchorOf(call, step), column, context.budget);
    return column;
  }
  // A window's result depends on its own samples only, so those without histograms come out right.
  kernel(call, column.values, column.present);
  const evaluate = extension === "anchored" ? anchoredHistogram : smoothedHistogram;
  for (let step = 0; step < evaluation.grid.count; step++) {
    const [from, to] = spanOf(call, step, extension);
    const found = series.histograms?.slice(from, to).filter((one) => one !== undefined) ?? [];
    context.budget.work(found.length === 0 ? to - from : found.length * 64);
    if (found.length === 0) continue;
    column.present[step] = ABSENT;
    if (found.length < to - from) {
      warnMixed(evaluation, series, context);
      continue;
    }
    histograms[step] = evaluate(name, windowOf(extended, series, context, step, found, from));
    if (histograms[step] !== undefined) column.present[step] = HISTOGRAM;
  }
  return column;
}

/** The samples `from ≤ index < to` that a window looks at; none where it has no result. */
function spanOf(call: RangeCall, step: number, extension: RangeExtension): readonly [from: number, to: number] {
  if (extension === "smoothed") return smoothedSpanOf(call, step);
  const to = call.high[step]!;
  return to > call.low[step]! ? [anchorOf(call, step), to] : [to, to];
}

function windowOf(
  { evaluation, call }: ExtendedEvaluation,
  series: RangeSeries,
  context: EvaluationContext,
  step: number,
  histograms: readonly NativeHistogram[],
  from: number,
): HistogramWindow {
  return {
    histograms,
    timestamps: series.timestamps.subarray(from, from + histograms.length),
    startTimestamps: undefined,
    endMs: windowEndMs(call.windows, step),
    rangeMs: call.windows.rangeMs,
    metricName: series.labels.get(METRIC_NAME),
    annotations: context.annotations,
    tellsResetConflicts: false,
    position: evaluation.call.arguments[0]!.position,
  };
}

function warnMixed({ call }: RangeEvaluation, { labels }: RangeSeries, context: EvaluationContext): void {
  const message = `encountered a mix of histograms and floats for metric name ${quoted(labels.get(METRIC_NAME))}`;
  context.annotations.warn(message, call.arguments[0]!.position);
}
