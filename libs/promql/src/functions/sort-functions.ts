import { compareLabels } from "@monotreme/model";
import { ABSENT, type ColumnSeries, FLOAT, hasSamples, type VectorValue, vectorOf } from "../engine/column.ts";
import { type CallFunction, type EvaluatedCall, stringArgument, vectorArgument } from "./function-call.ts";
import { compareNatural } from "./natural-order.ts";

type SeriesOrder = (a: ColumnSeries, b: ColumnSeries) => number;

/** NaN goes last, whichever way the others go. */
function compareFloats(a: number, b: number, direction: 1 | -1): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a < b ? -direction : a > b ? direction : 0;
}

function sortBy(call: EvaluatedCall, vector: VectorValue, order: SeriesOrder): VectorValue {
  if (call.context.query.stepMs !== 0) {
    call.context.annotations.warn(
      "sort is ineffective for range queries since results are always ordered by labels",
      call.expression.position,
    );
    return vector;
  }
  return vectorOf(
    vector.series.toSorted((a, b) => {
      call.context.budget.work(1);
      return order(a, b);
    }),
  );
}

/** The vector without its histograms. */
function floatsOf(vector: VectorValue): VectorValue {
  const floats = vector.series.map((series) => {
    if (series.histograms === undefined) return series;
    return {
      ...series,
      histograms: undefined,
      present: series.present.map((state) => (state === FLOAT ? FLOAT : ABSENT)),
    };
  });
  return vectorOf(floats.filter(hasSamples));
}

function sortByValue(direction: 1 | -1): CallFunction {
  return (call) =>
    sortBy(call, floatsOf(vectorArgument(call, 0)), (a, b) => compareFloats(a.values[0]!, b.values[0]!, direction));
}

function sortByLabel(direction: 1 | -1): CallFunction {
  return (call) => {
    const names = call.arguments.slice(1).map((_, i) => stringArgument(call, i + 1));
    return sortBy(call, vectorArgument(call, 0), (a, b) => {
      for (const name of names) {
        const order = compareNatural(a.labels.get(name), b.labels.get(name));
        if (order !== 0) return direction * order;
      }
      return direction * compareLabels(a.labels, b.labels);
    });
  };
}

/** Sorting, which only instant queries show; histograms are dropped where values are compared. */
export const SORT_FUNCTIONS: Readonly<Record<string, CallFunction>> = {
  sort: sortByValue(1),
  sort_desc: sortByValue(-1),
  sort_by_label: sortByLabel(1),
  sort_by_label_desc: sortByLabel(-1),
};
