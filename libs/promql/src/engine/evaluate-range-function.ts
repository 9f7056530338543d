import { type Labels, METRIC_NAME } from "@monotreme/model";
import type { FunctionCall } from "../ast.ts";
import { EXTENDED_KERNELS } from "../functions/extended-range-functions.ts";
import type { RangeCall } from "../functions/range-call.ts";
import type { RangeFunction } from "../functions/range-function-table.ts";
import { hasOverlap, type StartTimestampCall, startTimestampKernel } from "../functions/start-timestamp-functions.ts";
import { quoted, shownFloat } from "./annotations.ts";
import {
  type ColumnSeries,
  createColumn,
  FLOAT,
  hasSamples,
  mergeSameLabels,
  type VectorValue,
  vectorOf,
  withoutName,
} from "./column.ts";
import { evaluateHistogramSeries } from "./evaluate-histogram-range.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { QueryExecutionError } from "./query-error.ts";
import { createWindowBounds, fillWindowBounds, type RangeVector } from "./range-window.ts";
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
  const { rangeFunction, range, parameters, grid } = evaluation;
  const { budget } = context;
  warnInvalidParameters(evaluation, context);
  const bounds = createWindowBounds(grid.count);
  const { extension } = range;
  const kernel = (extension && EXTENDED_KERNELS[extension].get(rangeFunction.name)) ?? rangeFunction.kernel;
  const columns: ColumnSeries[] = [];
  for (const series of range.series) {
    budget.holdCells(grid.count);
    if (series.histograms !== undefined) {
      if (extension !== undefined) {
        throw new QueryExecutionError(`the modifier "${extension}" is not supported for native histograms`);
      }
      const mixed = evaluateHistogramSeries(evaluation, series, context);
      if (hasSamples(mixed)) columns.push(mixed);
      continue;
    }
    fillWindowBounds(series.timestamps, range.windows, bounds);
    const column = createColumn(series.labels, series.dropName, grid.count);
    const call: RangeCall = {
      timestamps: series.timestamps,
      values: series.values,
      low: bounds.low,
      high: bounds.high,
      windows: range.windows,
      grid,
      parameters,
      lookbackMs: context.plan.lookbackMs,
    };
    const starts = extension === undefined && context.useStartTimestamps ? series.startTimestamps : undefined;
    const startKernel = starts && startTimestampKernel(rangeFunction.name, starts);
    if (startKernel !== undefined && starts !== undefined)
      warnOverlap(evaluation, { ...call, startTimestamps: starts }, series.labels, context);
    (startKernel ?? kernel)(call, column.values, column.present);
    budget.work(series.timestamps.length + grid.count);
    if (hasSamples(column)) columns.push(column);
    else budget.releaseCells(grid.count);
  }
  informNonCounters(evaluation, columns, context);
  if (rangeFunction.keepsName || evaluation.keepDuplicates === true) return vectorOf(columns);
  return vectorOf(mergeSameLabels(columns.map((one) => withoutName(one, context.delayedNameRemoval))));
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
