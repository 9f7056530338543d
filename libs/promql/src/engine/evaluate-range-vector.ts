import type { Expression, Subquery } from "../ast.ts";
import type { NativeHistogram } from "../value.ts";
import { ABSENT, asVector, type ColumnSeries, type Value } from "./column.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { countStored } from "./histogram-size.ts";
import { releaseValue } from "./held-values.ts";
import { unwrapParentheses } from "./plan-invariance.ts";
import { QueryExecutionError } from "./query-error.ts";
import type { RangeSeries, RangeVector } from "./range-window.ts";
import { rangeWindowsAt } from "./resolution-windows.ts";
import { SampleTally } from "./sample-tally.ts";
import type { TimeGrid } from "./time-grid.ts";

/** How expressions are evaluated; passed in because subqueries and calls evaluate what contains them. */
export type Evaluate = (expression: Expression, grid: TimeGrid, context: EvaluationContext) => Value;

/** Evaluates a range selector or a subquery: the samples and a window a step. */
export function evaluateRangeVector(
  expression: Expression,
  context: EvaluationContext,
  evaluate: Evaluate,
): RangeVector {
  const inner = unwrapParentheses(expression);
  if (inner.kind === "matrix-selector") {
    const plan = context.plan.selectors.get(inner.selector);
    const loaded = context.loaded.get(inner.selector);
    if (plan === undefined || loaded === undefined) throw new QueryExecutionError("a selector was not planned");
    const { extension } = inner.selector;
    const windows = rangeWindowsAt(plan.windows, loaded.resolutionMs);
    const requestedMs = plan.windows.rangeMs;
    return { series: loaded.ranges, windows, extension, isStored: true, heldSamples: 0, requestedMs };
  }
  if (inner.kind === "subquery") return evaluateSubquery(inner, context, evaluate);
  throw new QueryExecutionError("expected a range vector");
}

function evaluateSubquery(subquery: Subquery, context: EvaluationContext, evaluate: Evaluate): RangeVector {
  const plan = context.plan.subqueries.get(subquery);
  if (plan === undefined) throw new QueryExecutionError("a subquery was not planned");
  const { grid, windows } = plan;
  const requestedMs = windows.rangeMs;
  const emptyRange = { series: [], windows, extension: undefined, isStored: false, heldSamples: 0, requestedMs };
  if (grid.count === 0) return emptyRange;
  const { budget } = context;
  budget.holdCells(grid.count);
  const tally = context.tally && new SampleTally(grid.count);
  const value = evaluate(subquery.expression, grid, tally === undefined ? context : { ...context, tally });
  if (tally !== undefined) context.tally?.addSubquery(tally, grid, windows);
  budget.releaseCells(grid.count);
  const series = asVector(value).series.map((one) => {
    budget.work(grid.count);
    return withoutResetHints(samplesOf(one, grid));
  });
  let heldSamples = 0;
  for (const one of series) heldSamples += countStored(one);
  budget.hold(heldSamples);
  releaseValue(value, budget);
  return { ...emptyRange, series, heldSamples };
}

/** A hint speaks of the sample before in the series, which need not be the one before in a subquery. */
function withoutResetHints(series: RangeSeries): RangeSeries {
  if (series.histograms === undefined) return series;
  const histograms = series.histograms.map((histogram): NativeHistogram | undefined => {
    if (histogram === undefined || histogram.counterResetHint === "gauge") return histogram;
    return { ...histogram, counterResetHint: "unknown" };
  });
  return { ...series, histograms };
}

/** The steps at which a series has a sample, as a series of samples. */
export function samplesOf(series: ColumnSeries, grid: TimeGrid): RangeSeries {
  const { values, present, labels, dropName } = series;
  let count = 0;
  for (let i = 0; i < present.length; i++) if (present[i] !== ABSENT) count++;
  const timestamps = new Float64Array(count);
  const kept = new Float64Array(count);
  const histograms: (NativeHistogram | undefined)[] | undefined = series.histograms === undefined ? undefined : [];
  let at = 0;
  for (let i = 0; i < present.length; i++) {
    if (present[i] === ABSENT) continue;
    timestamps[at] = grid.startMs + i * grid.stepMs;
    kept[at] = values[i]!;
    if (histograms !== undefined) histograms[at] = series.histograms?.[i];
    at++;
  }
  return { labels, dropName, timestamps, values: kept, histograms };
}
