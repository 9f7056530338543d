import {
  type ColumnSeries,
  createColumn,
  FLOAT,
  HISTOGRAM,
  hasSamples,
  vectorOf,
  withoutNames,
} from "../engine/column.ts";
import type { NativeHistogram } from "../value.ts";
import { type CallFunction, type FunctionContext, vectorArgument } from "./function-call.ts";
import { histogramVarianceOf } from "./histogram-estimation.ts";

/** A float for every native histogram of a series; floats are left out. */
export function mapHistograms(
  series: ColumnSeries,
  context: FunctionContext,
  evaluate: (histogram: NativeHistogram, step: number) => number,
): ColumnSeries | undefined {
  const { histograms, present } = series;
  if (histograms === undefined) return undefined;
  const column = createColumn(series.labels, series.dropName, present.length);
  for (let step = 0; step < present.length; step++) {
    const histogram = histograms[step];
    if (present[step] !== HISTOGRAM || histogram === undefined) continue;
    column.values[step] = evaluate(histogram, step);
    column.present[step] = FLOAT;
  }
  context.budget.work(present.length);
  return hasSamples(column) ? column : undefined;
}

function each(evaluate: (histogram: NativeHistogram) => number): CallFunction {
  return (call) => {
    const columns = vectorArgument(call, 0).series.flatMap((one) => mapHistograms(one, call.context, evaluate) ?? []);
    return vectorOf(withoutNames(columns, call.context.delayedNameRemoval));
  };
}

/** What native histograms know of themselves; floats are ignored. */
export const NATIVE_HISTOGRAM_FUNCTIONS: Readonly<Record<string, CallFunction>> = {
  histogram_count: each(({ count }) => count),
  histogram_sum: each(({ sum }) => sum),
  histogram_avg: each(({ sum, count }) => sum / count),
  histogram_stdvar: each(histogramVarianceOf),
  histogram_stddev: each((histogram) => Math.sqrt(histogramVarianceOf(histogram))),
};
