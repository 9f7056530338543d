import { formatFloat, type Labels, METRIC_NAME, parseFloatGo } from "@monotreme/model";
import type { Expression } from "../ast.ts";
import { quoted, shownFloat } from "../engine/annotations.ts";
import {
  ABSENT,
  type ColumnSeries,
  createColumn,
  FLOAT,
  HISTOGRAM,
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
  trivialQuantile,
} from "./classic-buckets.ts";
import type { NativeHistogram } from "../value.ts";
import { histogramFractionOf, histogramQuantileOf } from "./histogram-estimation.ts";
import { mapHistograms } from "./native-histogram-functions.ts";
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
  nativeKeys: ReadonlySet<string>,
): ClassicHistogram[] {
  const groups = new Map<string, ClassicHistogram>();
  for (const one of series) {
    if (!one.present.includes(FLOAT)) continue;
    const bound = one.labels.get(BUCKET_LABEL);
    const upperBound = parseFloatGo(bound);
    if (upperBound === undefined) {
      if (bound === "" && nativeKeys.has(one.labels.key)) continue;
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

/** The histograms of an argument, classic and native. */
interface HistogramVector {
  readonly classic: readonly ClassicHistogram[];
  readonly native: readonly ColumnSeries[];
  readonly argument: Expression;
  readonly context: FunctionContext;
}

/** Reads the histograms of a vector; a classic and a native one of the same labels at a step are both left out. */
function readHistograms(
  series: readonly ColumnSeries[],
  argument: Expression,
  context: FunctionContext,
): HistogramVector {
  const native = series.filter(({ histograms }) => histograms !== undefined);
  const classic = groupBuckets(series, argument, context, new Set(native.map(({ labels }) => labels.key)));
  const nativeByKey = new Map(native.map((one) => [one.labels.key, one]));
  for (const { labels, buckets } of classic) {
    const other = nativeByKey.get(labels.key);
    if (other === undefined) continue;
    for (let step = 0; step < other.present.length; step++) {
      const isMixed =
        other.present[step] === HISTOGRAM && buckets.some((bucket) => bucket.series.present[step] === FLOAT);
      if (!isMixed) continue;
      nativeByKey.set(labels.key, withoutStep(nativeByKey.get(labels.key) ?? other, step));
      for (const [i, bucket] of buckets.entries()) {
        buckets[i] = { ...bucket, series: withoutStep(bucket.series, step) };
      }
      context.annotations.warn(
        `vector contains a mix of classic and native histograms for metric name ${quoted(labels.get(METRIC_NAME))}`,
        argument.position,
      );
    }
  }
  return { classic, native: [...nativeByKey.values()], argument, context };
}

function withoutStep(series: ColumnSeries, step: number): ColumnSeries {
  const present = series.present.slice();
  present[step] = ABSENT;
  return { ...series, present };
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
  return column;
}

function warnInvalidQuantiles(phi: Float64Array, argument: Expression, context: FunctionContext): void {
  for (const value of phi) {
    if (value >= 0 && value <= 1) continue;
    const message = `quantile value should be between 0 and 1, got ${shownFloat(value)}`;
    context.annotations.warn(message, argument.position);
  }
}

/** One quantile of every classic and native histogram of a vector. */
function quantileColumns(input: HistogramVector, phi: Float64Array): ColumnSeries[] {
  const { argument, context } = input;
  const classic = input.classic.map((histogram) =>
    evaluateClassic(histogram, context, (buckets, step) => {
      if (buckets?.fix !== undefined) {
        const timestampMs = context.grid.startMs + step * context.grid.stepMs;
        context.annotations.informFixed(histogram.labels, buckets.fix, timestampMs, argument.position);
      }
      return bucketQuantile(phi[step]!, buckets);
    }),
  );
  const native = input.native.flatMap((series) => {
    const evaluate = (histogram: NativeHistogram, step: number): number =>
      nativeQuantile(phi[step]!, histogram, series, input);
    return mapHistograms(series, context, evaluate) ?? [];
  });
  return [...classic, ...native];
}

function nativeQuantile(
  phi: number,
  histogram: NativeHistogram,
  series: ColumnSeries,
  { argument, context }: HistogramVector,
): number {
  const trivial = trivialQuantile(phi);
  if (trivial !== undefined) return trivial;
  const quantile = histogramQuantileOf(phi, histogram);
  if (Number.isNaN(histogram.sum) && histogram.count > 0) {
    const effect = Number.isNaN(quantile) ? "result is NaN" : "result is skewed higher";
    context.annotations.inform(
      `input to histogram_quantile has NaN observations, ${effect} for metric name ${quoted(series.labels.get(METRIC_NAME))}`,
      argument.position,
    );
  }
  return quantile;
}

function histogramQuantile(call: EvaluatedCall): ReturnType<CallFunction> {
  const { context } = call;
  const phi = scalarArgument(call, 0);
  const argument = call.expression.arguments[1]!;
  const { series } = vectorArgument(call, 1);
  warnInvalidQuantiles(phi, call.expression.arguments[0]!, context);
  const columns = quantileColumns(readHistograms(series, argument, context), phi);
  return named(columns, context);
}

/** Several quantiles at once, told apart by a label that holds each φ. */
function histogramQuantiles(call: EvaluatedCall): ReturnType<CallFunction> {
  const { context } = call;
  const label = stringArgument(call, 1);
  const argument = call.expression.arguments[0]!;
  const input = readHistograms(vectorArgument(call, 0).series, argument, context);
  const columns: ColumnSeries[] = [];
  for (let i = 2; i < call.arguments.length; i++) {
    const phi = scalarArgument(call, i);
    warnInvalidQuantiles(phi, call.expression.arguments[i]!, context);
    for (const { labels } of [...input.classic, ...input.native]) {
      if (labels.has(label)) throw new QueryExecutionError(`conflicting label: ${label} already exists`);
    }
    for (const column of quantileColumns(input, phi)) {
      columns.push({ ...column, labels: column.labels.with(label, formatFloat(phi[0]!)) });
    }
  }
  return named(columns, context);
}

function informExcluded(labels: Labels, argument: Expression, context: FunctionContext): void {
  context.annotations.inform(
    "input to histogram_fraction has NaN observations, which are excluded from all fractions " +
      `for metric name ${quoted(labels.get(METRIC_NAME))}`,
    argument.position,
  );
}

function histogramFraction(call: EvaluatedCall): ReturnType<CallFunction> {
  const lower = scalarArgument(call, 0);
  const upper = scalarArgument(call, 1);
  const argument = call.expression.arguments[2]!;
  const { context } = call;
  const input = readHistograms(vectorArgument(call, 2).series, argument, context);
  const classic = input.classic.map((histogram) =>
    evaluateClassic(histogram, context, (buckets, step) => bucketFraction(lower[step]!, upper[step]!, buckets)),
  );
  const native = input.native.flatMap((series) => {
    const evaluate = (histogram: NativeHistogram, step: number): number => {
      if (Number.isNaN(histogram.sum) && histogram.count > 0) informExcluded(series.labels, argument, context);
      return histogramFractionOf(lower[step]!, upper[step]!, histogram);
    };
    return mapHistograms(series, context, evaluate) ?? [];
  });
  const columns = [...classic, ...native];
  return named(columns, context);
}

function named(columns: readonly ColumnSeries[], context: FunctionContext): ReturnType<CallFunction> {
  const dropped = columns.filter(hasSamples).map((one) => withoutName(one, context.delayedNameRemoval));
  return vectorOf(mergeSameLabels(dropped));
}

export const HISTOGRAM_FUNCTIONS: Readonly<Record<string, CallFunction>> = {
  histogram_quantile: histogramQuantile,
  histogram_quantiles: histogramQuantiles,
  histogram_fraction: histogramFraction,
};
