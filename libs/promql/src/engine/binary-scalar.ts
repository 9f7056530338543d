import type { BinaryExpression } from "../ast.ts";
import { arithmeticOf, comparisonOf } from "./binary-operators.ts";
import { combineWithHistogram, operandAt } from "./binary-histogram.ts";
import {
  ABSENT,
  type ColumnSeries,
  createColumn,
  FLOAT,
  hasSamples,
  type HistogramColumn,
  type ScalarValue,
  type VectorValue,
  vectorOf,
  withoutNames,
} from "./column.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { QueryExecutionError } from "./query-error.ts";
import type { SampleBudget } from "./sample-budget.ts";

/** Two scalars; a comparison of scalars always answers 0 or 1. */
export function evaluateScalarPair(
  expression: BinaryExpression,
  left: ScalarValue,
  right: ScalarValue,
  { budget }: EvaluationContext,
): ScalarValue {
  const compare = comparisonOf(expression.operator);
  const combine = arithmeticOf(expression.operator);
  const values = left.values.map((value, step) => {
    const other = right.values[step]!;
    budget.workAt(step);
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
  const dropsName = (compare === undefined && !isTrim(expression)) || expression.returnBool;
  const columns: ColumnSeries[] = [];
  for (const series of vector.series) {
    const column = createColumn(series.labels, series.dropName, scalar.length);
    if (compare !== undefined)
      compareColumn(series, scalar, { compare, isSwapped, returnBool: expression.returnBool }, column);
    else if (combine !== undefined) combineColumn(series, scalar, { combine, isSwapped, budget }, column);
    const result = addHistogramSteps(expression, series, scalar, isSwapped, column, context);
    budget.work(scalar.length);
    if (hasSamples(result)) columns.push(result);
  }
  return vectorOf(dropsName ? withoutNames(columns, delayedNameRemoval) : columns);
}

function isTrim({ operator }: BinaryExpression): boolean {
  return operator === "</" || operator === ">/";
}

/** The steps that are histograms, and all of them for the operators that take nothing else. */
function addHistogramSteps(
  expression: BinaryExpression,
  series: ColumnSeries,
  scalar: Float64Array,
  isSwapped: boolean,
  floats: ColumnSeries,
  context: EvaluationContext,
): ColumnSeries {
  if (series.histograms === undefined && !isTrim(expression)) return floats;
  const histograms: HistogramColumn = [];
  const column = { ...floats, histograms };
  for (let i = 0; i < scalar.length; i++) {
    if (series.present[i] === ABSENT || (series.present[i] === FLOAT && !isTrim(expression))) continue;
    const sample = operandAt(series, i);
    const operands = isSwapped ? { left: scalar[i]!, right: sample } : { left: sample, right: scalar[i]! };
    combineWithHistogram(expression, operands, column, histograms, i, context);
  }
  return column;
}

interface Arithmetic {
  readonly combine: (left: number, right: number) => number;
  readonly isSwapped: boolean;
  readonly budget: SampleBudget;
}

function combineColumn(
  series: ColumnSeries,
  scalar: Float64Array,
  { combine, isSwapped, budget }: Arithmetic,
  out: ColumnSeries,
): void {
  const { values, present } = series;
  for (let i = 0; i < scalar.length; i++) {
    budget.workAt(i);
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
