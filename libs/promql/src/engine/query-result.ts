import { compareLabels, Labels } from "@monotreme/model";
import type { Expression } from "../ast.ts";
import type { NativeHistogram, QueryValue, SeriesSamples, VectorSample } from "../value.ts";
import { ABSENT, type ColumnSeries, mergeSameLabels, type Value } from "./column.ts";
import { evaluate } from "./evaluate-expression.ts";
import { evaluateRangeVector, samplesOf } from "./evaluate-range-vector.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { informResolution } from "./inform-resolution.ts";
import { withoutMetadataLabels } from "./metadata-labels.ts";
import { unwrapParentheses } from "./plan-invariance.ts";
import { QueryInvalidError } from "./query-error.ts";
import type { SampleBudget } from "./sample-budget.ts";
import { createWindowBounds, fillWindowBounds, type RangeSeries, type RangeVector } from "./range-window.ts";

/** Evaluates a whole query and gives its value the form that the API answers. */
export function evaluateQuery(expression: Expression, context: EvaluationContext): QueryValue {
  const isInstant = context.plan.stepMs === 0;
  const root = unwrapParentheses(expression);
  const isMatrix = root.kind === "matrix-selector" || root.kind === "subquery";
  if (!isInstant && (isMatrix || root.kind === "string")) {
    const type = isMatrix ? "range vector" : "string";
    throw new QueryInvalidError(`invalid expression type "${type}" for range query, must be Scalar or instant Vector`);
  }
  if (isMatrix) {
    const range = evaluateRangeVector(root, context, evaluate);
    informResolution("", range, root.position, context);
    return matrixOfRange(range, context);
  }
  const value = evaluate(expression, context.plan.grid, context);
  return isInstant ? instantValue(value, context) : rangeValue(value, context);
}

function instantValue(value: Value, context: EvaluationContext): QueryValue {
  const timestampMs = context.plan.startMs;
  if (value.kind === "string") return { type: "string", timestampMs, value: value.value };
  if (value.kind === "scalar") return { type: "scalar", timestampMs, value: value.values[0]! };
  const samples: VectorSample[] = [];
  for (const { labels, values, present, histograms } of finalSeries(value.series, context)) {
    if (present[0] === ABSENT) continue;
    const histogram = histograms?.[0];
    samples.push({ labels, timestampMs, value: values[0]!, ...(histogram === undefined ? {} : { histogram }) });
  }
  return { type: "vector", samples };
}

function rangeValue(value: Value, context: EvaluationContext): QueryValue {
  const { grid } = context.plan;
  if (value.kind === "string") return { type: "string", timestampMs: grid.startMs, value: value.value };
  if (value.kind === "scalar") {
    const timestamps = Float64Array.from(value.values, (_, i) => grid.startMs + i * grid.stepMs);
    return { type: "matrix", series: [{ labels: Labels.EMPTY, timestamps, values: value.values }] };
  }
  return matrixOf(
    finalSeries(value.series, context).map((one) => {
      context.budget.work(grid.count);
      return samplesOf(one, grid);
    }),
    context.budget,
  );
}

/** Names that were only marked to be dropped go now; series that become the same are joined. */
function finalSeries(series: readonly ColumnSeries[], context: EvaluationContext): readonly ColumnSeries[] {
  if (!context.delayedNameRemoval) return series;
  return mergeSameLabels(
    series.map((one) => (one.dropName ? { ...one, labels: withoutMetadataLabels(one.labels) } : one)),
  );
}

function matrixOf(series: readonly RangeSeries[], budget: SampleBudget): QueryValue {
  const filled = series.filter(({ timestamps }) => timestamps.length > 0).map(withoutEmptyHistograms);
  return {
    type: "matrix",
    series: filled.toSorted((a, b) => {
      budget.work(1);
      return compareLabels(a.labels, b.labels);
    }),
  };
}

function withoutEmptyHistograms({ labels, timestamps, values, histograms }: RangeSeries): SeriesSamples {
  return histograms === undefined ? { labels, timestamps, values } : { labels, timestamps, values, histograms };
}

/** The samples of the only window of an instant query for a range vector. */
function matrixOfRange({ series, windows, isStored }: RangeVector, context: EvaluationContext): QueryValue {
  const bounds = createWindowBounds(1);
  const cut = series.map((one): RangeSeries => {
    fillWindowBounds(one.timestamps, { ...windows, count: 1 }, bounds);
    context.tally?.addWindows(one, bounds, isStored);
    const from = bounds.low[0]!;
    const to = bounds.high[0]!;
    const histograms: readonly (NativeHistogram | undefined)[] | undefined = one.histograms?.slice(from, to);
    const dropsName = one.dropName && context.delayedNameRemoval;
    return {
      labels: dropsName ? withoutMetadataLabels(one.labels) : one.labels,
      dropName: false,
      timestamps: one.timestamps.slice(from, to),
      values: one.values.slice(from, to),
      histograms,
    };
  });
  return matrixOf(cut, context.budget);
}
