import { type Labels, METRIC_NAME } from "@monotreme/model";
import type { FunctionCall, PositionRange } from "../ast.ts";
import { BUCKET_KERNELS } from "../buckets/bucket-kernels.ts";
import { EXTENDED_KERNELS } from "../functions/extended-range-functions.ts";
import { scaleHistogram } from "../functions/histogram-arithmetic.ts";
import type { RangeCall, RangeKernel } from "../functions/range-call.ts";
import type { RangeFunction } from "../functions/range-function-table.ts";
import { hasOverlap, type StartTimestampCall, startTimestampKernel } from "../functions/start-timestamp-functions.ts";
import { quoted, shownFloat } from "./annotations.ts";
import {
  type ColumnSeries,
  createColumn,
  FLOAT,
  hasSamples,
  type VectorValue,
  vectorOf,
  withoutNames,
} from "./column.ts";
import { evaluateExtendedHistograms } from "./evaluate-extended-histograms.ts";
import { evaluateHistogramSeries } from "./evaluate-histogram-range.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { informResolution } from "./inform-resolution.ts";
import {
  createWindowBounds,
  fillWindowBounds,
  type RangeSeries,
  type RangeVector,
  type WindowBounds,
} from "./range-window.ts";
import { SharedTimestamps } from "./shared-timestamps.ts";
import type { TimeGrid } from "./time-grid.ts";

export interface RangeEvaluation {
  readonly call: FunctionCall;
  readonly rangeFunction: RangeFunction;
  readonly range: RangeVector;
  /** The scalar arguments, a value a step. */
  readonly parameters: readonly Float64Array[];
  readonly grid: TimeGrid;
  /** The caller only counts the series, so names stay and equal label sets do not matter. */
  readonly keepDuplicates?: boolean;
}

const COUNTER_SUFFIX = /_(?:total|sum|count|bucket)$/;

/** Runs a range function's kernel over every series; series without any result are left out. */
export function evaluateRangeFunction(evaluation: RangeEvaluation, context: EvaluationContext): VectorValue {
  const { rangeFunction, range, grid } = evaluation;
  const { budget } = context;
  warnInvalidParameters(evaluation, context);
  informResolution(evaluation.call.name, range, rangePosition(evaluation), context);
  const shared = new SharedTimestamps<WindowBounds>({
    columns: range.series.map(timesOf),
    steps: grid.count,
    create: () => createWindowBounds(grid.count),
    fill: (timestamps, bounds) => fillWindowBounds(timestamps, range.windows, bounds),
  });
  const columns: ColumnSeries[] = [];
  for (const series of range.series) {
    budget.holdCells(grid.count);
    const bounds = shared.of(timesOf(series));
    context.tally?.addWindows(series, bounds, range.isStored);
    const column = scaled(
      evaluateSeries(evaluation, heeding(series, evaluation, context), bounds, context),
      evaluation,
    );
    budget.work(series.timestamps.length + grid.count);
    if (hasSamples(column)) columns.push(column);
    else budget.releaseCells(grid.count);
  }
  informNonCounters(evaluation, columns, context);
  if (rangeFunction.keepsName || evaluation.keepDuplicates === true) return vectorOf(columns);
  return vectorOf(withoutNames(columns, context.delayedNameRemoval));
}

/** What tells which windows a sample or bucket lies in. */
function timesOf({ timestamps, buckets }: RangeSeries): Float64Array {
  return buckets?.ends ?? timestamps;
}

function rangePosition({ call, rangeFunction }: RangeEvaluation): PositionRange {
  return call.arguments[rangeFunction.rangeArgument]!.position;
}

/** What rises over a window rises over the one that the query asks for by as much more as that is longer. */
function scaled(column: ColumnSeries, { rangeFunction, range }: RangeEvaluation): ColumnSeries {
  const scale = range.requestedMs / range.windows.rangeMs;
  if (scale === 1 || (rangeFunction.name !== "increase" && rangeFunction.name !== "delta")) return column;
  return {
    ...column,
    values: column.values.map((value) => value * scale),
    histograms: column.histograms?.map((histogram) => histogram && scaleHistogram(histogram, scale)),
  };
}

/** A series with its start timestamps only where the query heeds them. */
function heeding(series: RangeSeries, { range }: RangeEvaluation, context: EvaluationContext): RangeSeries {
  if (series.startTimestamps === undefined) return series;
  const heeds = range.extension === undefined && context.useStartTimestamps;
  return heeds ? series : { ...series, startTimestamps: undefined };
}

function evaluateSeries(
  evaluation: RangeEvaluation,
  series: RangeSeries,
  { low, high }: WindowBounds,
  context: EvaluationContext,
): ColumnSeries {
  const { rangeFunction, range, grid, parameters } = evaluation;
  const { timestamps, values, startTimestamps } = series;
  const { windows, extension } = range;
  const { lookbackMs } = context.plan;
  const call: RangeCall = {
    timestamps,
    values,
    low,
    high,
    windows,
    grid,
    parameters,
    lookbackMs,
    budget: context.budget,
  };
  const startKernel = startTimestamps && startTimestampKernel(rangeFunction.name, startTimestamps);
  if (startKernel !== undefined && startTimestamps !== undefined)
    warnOverlap(evaluation, { ...call, startTimestamps }, series.labels, context);
  const kernel = (extension && EXTENDED_KERNELS[extension].get(rangeFunction.name)) ?? rangeFunction.kernel;
  if (series.histograms !== undefined) {
    if (extension === undefined) return evaluateHistogramSeries(evaluation, series, context);
    return evaluateExtendedHistograms({ evaluation, extension, kernel, call }, series, context);
  }
  const column = createColumn(series.labels, series.dropName, grid.count);
  (bucketKernelOf(evaluation, series) ?? startKernel ?? kernel)(call, column.values, column.present);
  return column;
}

function bucketKernelOf({ rangeFunction, range }: RangeEvaluation, { buckets }: RangeSeries): RangeKernel | undefined {
  if (buckets === undefined || range.extension !== undefined) return undefined;
  const kernel = BUCKET_KERNELS.get(rangeFunction.name);
  return kernel && ((call, out, present) => kernel(call, buckets, out, present));
}

function warnInvalidParameters({ call, parameters, range }: RangeEvaluation, context: EvaluationContext): void {
  if (call.name !== "quantile_over_time" || range.series.length === 0) return;
  for (const phi of parameters[0]!) {
    if (phi >= 0 && phi <= 1) continue;
    const message = `quantile value should be between 0 and 1, got ${shownFloat(phi)}`;
    context.annotations.warn(message, call.arguments[0]!.position);
  }
}

function warnOverlap(
  { call }: RangeEvaluation,
  series: StartTimestampCall,
  labels: Labels,
  context: EvaluationContext,
): void {
  if (!hasOverlap(series)) return;
  context.annotations.warn(
    `sample has start time that overlaps with previous sample timestamp for metric ${quoted(labels.metricName)}`,
    call.arguments[0]!.position,
  );
}

function informNonCounters(
  { call }: RangeEvaluation,
  columns: readonly ColumnSeries[],
  context: EvaluationContext,
): void {
  if (call.name !== "rate" && call.name !== "increase") return;
  let previous = "";
  for (const { labels, present } of columns) {
    if (!present.includes(FLOAT)) continue;
    const name = labels.get(METRIC_NAME);
    if (name === previous) continue;
    previous = name;
    if (name === "" || COUNTER_SUFFIX.test(name)) continue;
    context.annotations.inform(
      `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quoted(name)}`,
      call.arguments[0]!.position,
    );
  }
}
