import type { Aggregation } from "../ast.ts";
import { combineHistograms, isCombinable } from "../functions/histogram-arithmetic.ts";
import { RESET_CONFLICT } from "../functions/histogram-range.ts";
import { compensatedMean, compensatedSum } from "../functions/over-time-functions.ts";
import type { NativeHistogram } from "../value.ts";
import type { AggregationGroup } from "./aggregation-group.ts";
import { ABSENT, type ColumnSeries, FLOAT, HISTOGRAM, type HistogramColumn } from "./column.ts";
import type { EvaluationContext } from "./evaluation-context.ts";

/**
 * Adds what a group's native histograms come to, by `sum` or `avg`, to the column of its floats. Steps that have both,
 * or histograms that do not go together, are left out with a warning.
 */
export function withHistograms(
  expression: Aggregation,
  group: AggregationGroup,
  floats: ColumnSeries,
  context: EvaluationContext,
): ColumnSeries {
  const members = group.members.filter(({ histograms }) => histograms !== undefined);
  if (members.length === 0) return floats;
  const combine = expression.operator === "sum" ? compensatedSum : compensatedMean;
  const histograms: HistogramColumn = [];
  for (let step = 0; step < floats.present.length; step++) {
    const found = members.flatMap((one): readonly NativeHistogram[] => {
      const histogram = one.present[step] === HISTOGRAM ? one.histograms?.[step] : undefined;
      return histogram === undefined ? [] : [histogram];
    });
    if (found.length === 0) continue;
    context.budget.work(found.length);
    const isMixed = floats.present[step] === FLOAT;
    floats.present[step] = ABSENT;
    if (isMixed) {
      warn(expression, context, "encountered a mix of histograms and floats for aggregation");
    } else if (!isCombinable(found)) {
      warn(expression, context, "vector contains a mix of histograms with exponential and custom buckets schemas");
    } else {
      const result = combineHistograms(found, (values) => combine(values, 0, values.length - 1));
      if (result.hasResetConflict && context.plan.statisticsOnly.has(expression))
        warn(expression, context, RESET_CONFLICT);
      if (result.isReconciled) {
        const message = "mismatched custom buckets were reconciled during aggregation";
        context.annotations.inform(message, expression.expression.position);
      }
      histograms[step] = result.histogram;
      floats.present[step] = HISTOGRAM;
    }
  }
  return { ...floats, histograms };
}

function warn(expression: Aggregation, context: EvaluationContext, message: string): void {
  context.annotations.warn(message, expression.expression.position);
}
