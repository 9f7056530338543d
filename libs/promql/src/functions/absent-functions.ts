import type { Expression } from "../ast.ts";
import {
  ABSENT,
  type ColumnSeries,
  createColumn,
  FLOAT,
  hasSamples,
  type VectorValue,
  vectorOf,
} from "../engine/column.ts";
import type { SampleBudget } from "../engine/sample-budget.ts";
import { unwrapParentheses } from "../engine/plan-invariance.ts";
import { Labels } from "@monotreme/model";
import { type CallFunction, vectorArgument } from "./function-call.ts";
import { labelsOfEqualMatchers } from "./label-functions.ts";

/** What is known of an absent argument: labels where it is a selector, else nothing. */
function knownLabels(argument: Expression): Labels {
  const inner = unwrapParentheses(argument);
  if (inner.kind === "vector-selector") return labelsOfEqualMatchers(inner.matchers);
  if (inner.kind === "matrix-selector") return labelsOfEqualMatchers(inner.selector.matchers);
  return Labels.EMPTY;
}

/** 1 at every step where none of `series` has a sample. */
export function absenceOf(
  series: readonly ColumnSeries[],
  argument: Expression,
  count: number,
  budget: SampleBudget,
): VectorValue {
  const column = createColumn(knownLabels(argument), false, count);
  column.values.fill(1);
  column.present.fill(FLOAT);
  for (const { present } of series) {
    budget.work(count);
    for (let i = 0; i < count; i++) if (present[i] !== ABSENT) column.present[i] = ABSENT;
  }
  return vectorOf(hasSamples(column) ? [column] : []);
}

export const ABSENT_FUNCTIONS: Readonly<Record<string, CallFunction>> = {
  absent: (call) =>
    absenceOf(
      vectorArgument(call, 0).series,
      call.expression.arguments[0]!,
      call.context.grid.count,
      call.context.budget,
    ),
};
