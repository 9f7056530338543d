import type { BinaryExpression } from "../ast.ts";
import { arithmeticOf, comparisonOf } from "./binary-operators.ts";
import {
  type ColumnSeries,
  createColumn,
  FLOAT,
  hasSamples,
  mergeSameLabels,
  type ScalarValue,
  type VectorValue,
  vectorOf,
  withoutName,
} from "./column.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { QueryExecutionError } from "./query-error.ts";

/** Two scalars; a comparison of scalars always answers 0 or 1. */
export function evaluateScalarPair(expression: BinaryExpression, left: ScalarValue, right: ScalarValue): ScalarValue {
  const compare = comparisonOf(expression.operator);
  const combine = arithmeticOf(expression.operator);
  const values = left.values.map((value, step) => {
    const other = right.values[step]!;
    if (compare !== undefined) return compare(value, other) ? 1 : 0;
    if (combine !== undefined) return combine(value, other);
    throw new QueryExecutionError(`operator "${expression.operator}" not allowed for Scalar operations`);
  });
  return { kind: "scalar", values };
}

/** A vector and a scalar; `isSwapped`: the scalar is on the left. Comparisons keep the vector's values. */
export function evaluateVectorScalar(
  expression: BinaryExpression,
  vector: VectorValue,
  scalar: Float64Array,
  isSwapped: boolean,
  context: EvaluationContext,
): VectorValue {
  const compare = comparisonOf(expression.operator);
  const combine = arithmeticOf(expression.operator);
  const { delayedNameRemoval, budget } = context;
  const dropsName = compare === undefined || expression.returnBool;
  const columns: ColumnSeries[] = [];
  for (const series of vector.series) {
    const column = createColumn(series.labels, series.dropName, scalar.length);
    if (compare !== undefined)
      compareColumn(series, scalar, { compare, isSwapped, returnBool: expression.returnBool }, column);
    else if (combine !== undefined) combineColumn(series, scalar, combine, isSwapped, column);
    budget.work(scalar.length);
    if (hasSamples(column)) columns.push(dropsName ? withoutName(column, delayedNameRemoval) : column);
  }
  return vectorOf(dropsName ? mergeSameLabels(columns) : columns);
}

function combineColumn(
  series: ColumnSeries,
  scalar: Float64Array,
  combine: (left: number, right: number) => number,
  isSwapped: boolean,
  out: ColumnSeries,
): void {
  const { values, present } = series;
  for (let i = 0; i < scalar.length; i++) {
    if (present[i] !== FLOAT) continue;
    out.values[i] = isSwapped ? combine(scalar[i]!, values[i]!) : combine(values[i]!, scalar[i]!);
    out.present[i] = FLOAT;
  }
}

interface Comparison {
  readonly compare: (left: number, right: number) => boolean;
  readonly isSwapped: boolean;
  readonly returnBool: boolean;
}

function compareColumn(series: ColumnSeries, scalar: Float64Array, comparison: Comparison, out: ColumnSeries): void {
  const { compare, isSwapped, returnBool } = comparison;
  const { values, present } = series;
  for (let i = 0; i < scalar.length; i++) {
    if (present[i] !== FLOAT) continue;
    const isTrue = isSwapped ? compare(scalar[i]!, values[i]!) : compare(values[i]!, scalar[i]!);
    if (!isTrue && !returnBool) continue;
    out.values[i] = returnBool ? Number(isTrue) : values[i]!;
    out.present[i] = FLOAT;
  }
}
