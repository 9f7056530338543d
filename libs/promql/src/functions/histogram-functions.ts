import { formatFloat, type Labels, METRIC_NAME, parseFloatGo } from "@monotreme/model";
import type { Expression } from "../ast.ts";
import { quoted, shownFloat } from "../engine/annotations.ts";
import {
  type ColumnSeries,
  createColumn,
  FLOAT,
  hasSamples,
  mergeSameLabels,
  vectorOf,
  withoutName,
} from "../engine/column.ts";
import { QueryExecutionError } from "../engine/query-error.ts";
import {
  type Bucket,
  bucketFraction,
  bucketQuantile,
  type PreparedBuckets,
  prepareBuckets,
} from "./classic-buckets.ts";
import {
  type CallFunction,
  type EvaluatedCall,
  type FunctionContext,
  scalarArgument,
  stringArgument,
  vectorArgument,
} from "./function-call.ts";

const BUCKET_LABEL = "le";
const BUCKET_LABEL_SET = new Set([BUCKET_LABEL]);

/** The bucket series of one classic histogram. */
interface ClassicHistogram {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly buckets: { readonly upperBound: number; readonly series: ColumnSeries }[];
}

/** Groups a vector's series by their labels without `le`; series with a bad `le` are left out with a warning. */
function groupBuckets(
  series: readonly ColumnSeries[],
  argument: Expression,
  context: FunctionContext,
): ClassicHistogram[] {
  const groups = new Map<string, ClassicHistogram>();
  for (const one of series) {
    if (!one.present.includes(FLOAT)) continue;
    const bound = one.labels.get(BUCKET_LABEL);
    const upperBound = parseFloatGo(bound);
    if (upperBound === undefined) {
      const name = one.labels.get(METRIC_NAME);
      context.annotations.warn(
        `bucket label "le" is missing or has a malformed value of ${quoted(bound)} for metric name ${quoted(name)}`,
        argument.position,
      );
      continue;
    }
    const labels = one.labels.drop(BUCKET_LABEL_SET);
    const group = groups.get(labels.key);
    if (group === undefined) {
      groups.set(labels.key, { labels, dropName: one.dropName, buckets: [{ upperBound, series: one }] });
    } else {
      group.buckets.push({ upperBound, series: one });
    }
  }
  return [...groups.values()];
}

/** The buckets a histogram has at one step. */
function bucketsAt(histogram: ClassicHistogram, step: number): Bucket[] {
  const buckets: Bucket[] = [];
  for (const { upperBound, series } of histogram.buckets) {
    if (series.present[step] === FLOAT) buckets.push({ upperBound, count: series.values[step]! });
  }
  return buckets;
}

function evaluateClassic(
  histogram: ClassicHistogram,
  context: FunctionContext,
  evaluate: (buckets: PreparedBuckets | undefined, step: number) => number,
): ColumnSeries {
  const { count } = context.grid;
  const column = createColumn(histogram.labels, histogram.dropName, count);
  for (let step = 0; step < count; step++) {
    const buckets = bucketsAt(histogram, step);
    if (buckets.length === 0) continue;
    column.values[step] = evaluate(prepareBuckets(buckets), step);
    column.present[step] = FLOAT;
  }
  context.budget.work(count * histogram.buckets.length);
  return withoutName(column, context.delayedNameRemoval);
}

function warnInvalidQuantiles(phi: Float64Array, argument: Expression, context: FunctionContext): void {
  for (const value of phi) {
    if (value >= 0 && value <= 1) continue;
    const message = `quantile value should be between 0 and 1, got ${shownFloat(value)}`;
    context.annotations.warn(message, argument.position);
  }
}

function informFixed(labels: Labels, argument: Expression, context: FunctionContext): void {
  context.annotations.inform(
    "input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) " +
      `for metric name ${quoted(labels.get(METRIC_NAME))}`,
    argument.position,
  );
}

function quantileColumns(
  histograms: readonly ClassicHistogram[],
  phi: Float64Array,
  argument: Expression,
  context: FunctionContext,
): ColumnSeries[] {
  return histograms.map((histogram) =>
    evaluateClassic(histogram, context, (buckets, step) => {
      if (buckets?.fix !== undefined) informFixed(histogram.labels, argument, context);
      return bucketQuantile(phi[step]!, buckets);
    }),
  );
}

function histogramQuantile(call: EvaluatedCall): ReturnType<CallFunction> {
  const { context } = call;
  const phi = scalarArgument(call, 0);
  const argument = call.expression.arguments[1]!;
  const { series } = vectorArgument(call, 1);
  warnInvalidQuantiles(phi, call.expression.arguments[0]!, context);
  const histograms = groupBuckets(series, argument, context);
  return vectorOf(mergeSameLabels(quantileColumns(histograms, phi, argument, context).filter(hasSamples)));
}

/** Several quantiles at once, told apart by a label that holds each φ. */
function histogramQuantiles(call: EvaluatedCall): ReturnType<CallFunction> {
  const { context } = call;
  const label = stringArgument(call, 1);
  const argument = call.expression.arguments[0]!;
  const histograms = groupBuckets(vectorArgument(call, 0).series, argument, context);
  const columns: ColumnSeries[] = [];
  for (let i = 2; i < call.arguments.length; i++) {
    const phi = scalarArgument(call, i);
    warnInvalidQuantiles(phi, call.expression.arguments[i]!, context);
    for (const { labels } of histograms) {
      if (labels.has(label)) throw new QueryExecutionError(`conflicting label: ${label} already exists`);
    }
    for (const column of quantileColumns(histograms, phi, argument, context)) {
      columns.push({ ...column, labels: column.labels.with(label, formatFloat(phi[0]!)) });
    }
  }
  return vectorOf(mergeSameLabels(columns.filter(hasSamples)));
}

function histogramFraction(call: EvaluatedCall): ReturnType<CallFunction> {
  const lower = scalarArgument(call, 0);
  const upper = scalarArgument(call, 1);
  const histograms = groupBuckets(vectorArgument(call, 2).series, call.expression.arguments[2]!, call.context);
  const columns = histograms.map((histogram) =>
    evaluateClassic(histogram, call.context, (buckets, step) => bucketFraction(lower[step]!, upper[step]!, buckets)),
  );
  return vectorOf(mergeSameLabels(columns.filter(hasSamples)));
}

export const HISTOGRAM_FUNCTIONS: Readonly<Record<string, CallFunction>> = {
  histogram_quantile: histogramQuantile,
  histogram_quantiles: histogramQuantiles,
  histogram_fraction: histogramFraction,
};
