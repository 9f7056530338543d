import type { Aggregation } from "../ast.ts";
import { quantileOf } from "../functions/quantile.ts";
import type { AggregationGroup } from "./aggregation-group.ts";
import { shownFloat } from "./annotations.ts";
import { type ColumnSeries, createColumn, FLOAT, hasSamples } from "./column.ts";
import type { EvaluationContext } from "./evaluation-context.ts";

/** The φ-quantile over the floats of each group, step by step. */
export function quantileOfGroup(
  expression: Aggregation,
  groups: readonly AggregationGroup[],
  phi: Float64Array,
  context: EvaluationContext,
): readonly ColumnSeries[] {
  if (groups.length > 0) warnInvalid(expression, phi, context);
  const columns: ColumnSeries[] = [];
  for (const group of groups) {
    const column = createColumn(group.labels, group.dropName, phi.length);
    const scratch = new Float64Array(group.members.length);
    for (let step = 0; step < phi.length; step++) {
      let size = 0;
      for (const { present, values } of group.members) if (present[step] === FLOAT) scratch[size++] = values[step]!;
      if (size === 0) continue;
      column.values[step] = quantileOf(phi[step]!, scratch.subarray(0, size));
      column.present[step] = FLOAT;
      context.budget.work(size);
    }
    if (hasSamples(column)) columns.push(column);
  }
  return columns;
}

function warnInvalid(expression: Aggregation, phi: Float64Array, context: EvaluationContext): void {
  const position = expression.parameter?.position ?? expression.position;
  for (const value of phi) {
    if (value >= 0 && value <= 1) continue;
    context.annotations.warn(`quantile value should be between 0 and 1, got ${shownFloat(value)}`, position);
  }
}
