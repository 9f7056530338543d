import type { Aggregation } from "../ast.ts";
import { formatHistogram } from "../functions/histogram-text.ts";
import { isValidLabelName } from "../functions/label-name.ts";
import type { AggregationGroup } from "./aggregation-group.ts";
import { quoted } from "./annotations.ts";
import { type ColumnSeries, createColumn, FLOAT, HISTOGRAM, type VectorValue, vectorOf } from "./column.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { formatPlainFloat } from "./plain-float.ts";
import { unwrapParentheses } from "./plan-invariance.ts";
import { QueryExecutionError } from "./query-error.ts";

/** How often each value occurs in a group and step: one column a value, which a label holds. */
export function countValues(
  expression: Aggregation,
  groups: readonly AggregationGroup[],
  label: string,
  count: number,
  context: EvaluationContext,
): VectorValue {
  if (!isValidLabelName(label)) {
    throw new QueryExecutionError(`invalid label name ${shownLabel(expression, label, context)}`);
  }
  // Groups may come to the same labels where the label that is written was one of those grouped by.
  const columns = new Map<string, ColumnSeries>();
  for (const group of groups) {
    const columnOf = new Map<string, ColumnSeries>();
    for (const member of group.members) {
      for (let step = 0; step < count; step++) {
        const shown = shownValue(member, step);
        if (shown === undefined) continue;
        let column = columnOf.get(shown);
        if (column === undefined) {
          const labels = group.labels.with(label, shown);
          column = columns.get(labels.key) ?? createColumn(labels, group.dropName, count);
          if (!columns.has(labels.key)) context.budget.holdCells(count);
          columns.set(labels.key, column);
          columnOf.set(shown, column);
        }
        column.values[step]!++;
        column.present[step] = FLOAT;
      }
      context.budget.work(count);
    }
  }
  // Counted as they were made, because values may be many; the caller counts them once more.
  context.budget.releaseCells(columns.size * count);
  return vectorOf([...columns.values()]);
}

function shownValue({ present, values, histograms }: ColumnSeries, step: number): string | undefined {
  if (present[step] === FLOAT) return formatPlainFloat(values[step]!);
  const histogram = present[step] === HISTOGRAM ? histograms?.[step] : undefined;
  return histogram === undefined ? undefined : formatHistogram(histogram);
}

/** The label as the query has it, because invalid bytes are lost in strings; else the label itself in quotes. */
function shownLabel(expression: Aggregation, label: string, context: EvaluationContext): string {
  const { parameter } = expression;
  if (parameter === undefined || context.queryText === undefined) return quoted(label);
  const { start, end } = unwrapParentheses(parameter).position;
  return context.queryText.slice(start, end);
}
