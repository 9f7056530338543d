import type { BinaryExpression } from "../ast.ts";
import {
  addHistograms,
  type CombinedHistogram,
  divideHistogram,
  isCombinable,
  isEqualHistogram,
  scaleHistogram,
  subtractHistograms,
} from "../functions/histogram-arithmetic.ts";
import { compacted } from "../functions/histogram-layout.ts";
import { trimHistogram } from "../functions/histogram-trim.ts";
import type { NativeHistogram } from "../value.ts";
import { type ColumnSeries, HISTOGRAM, type HistogramColumn } from "./column.ts";
import type { EvaluationContext } from "./evaluation-context.ts";

/** One side of an operator at one step. */
export type Operand = number | NativeHistogram;

/** What an operator with a histogram gives; `keep`: a comparison that is true and keeps its left side. */
type Outcome = NativeHistogram | "keep" | "drop" | undefined;

/** A column's sample at a step, which must be present. */
export function operandAt(column: ColumnSeries, step: number): Operand {
  const histogram = column.present[step] === HISTOGRAM ? column.histograms?.[step] : undefined;
  return histogram ?? column.values[step]!;
}

/**
 * Writes the result of an operator with at least one histogram into step `step` of a column. Operators that make no
 * sense for the operands give an info and no result.
 */
export function combineWithHistogram(
  expression: BinaryExpression,
  operands: { readonly left: Operand; readonly right: Operand },
  out: ColumnSeries,
  histograms: HistogramColumn,
  step: number,
  context: EvaluationContext,
): void {
  const { left, right } = operands;
  const outcome = outcomeOf(expression, left, right, context);
  if (outcome === undefined || (outcome === "drop" && !expression.returnBool)) return;
  if (outcome === "keep" || outcome === "drop") {
    if (expression.returnBool) {
      out.values[step] = outcome === "keep" ? 1 : 0;
      out.present[step] = 1;
      return;
    }
    if (typeof left === "number") return;
    histograms[step] = left;
  } else {
    histograms[step] = outcome;
  }
  out.present[step] = HISTOGRAM;
}

function outcomeOf(expression: BinaryExpression, left: Operand, right: Operand, context: EvaluationContext): Outcome {
  if (typeof left !== "number" && typeof right !== "number") return ofHistograms(expression, left, right, context);
  const { operator } = expression;
  if (typeof left !== "number" && typeof right === "number") {
    if (operator === "*") return scaleHistogram(left, right);
    if (operator === "/") return divideHistogram(left, right);
    if (operator === "</") return trimHistogram(left, right, "below");
    if (operator === ">/") return trimHistogram(left, right, "above");
  }
  if (typeof left === "number" && typeof right !== "number" && operator === "*") return scaleHistogram(right, left);
  return incompatible(expression, left, right, context);
}

function ofHistograms(
  expression: BinaryExpression,
  left: NativeHistogram,
  right: NativeHistogram,
  context: EvaluationContext,
): Outcome {
  const { operator } = expression;
  if (operator === "+" || operator === "-") return sumOf(expression, left, right, context);
  if (operator === "==" || operator === "!=") {
    return isEqualHistogram(left, right) === (operator === "==") ? "keep" : "drop";
  }
  return incompatible(expression, left, right, context);
}

function sumOf(
  expression: BinaryExpression,
  left: NativeHistogram,
  right: NativeHistogram,
  context: EvaluationContext,
): Outcome {
  const { operator, position } = expression;
  const { annotations } = context;
  if (!isCombinable([left, right])) {
    annotations.warn(`incompatible bucket layout encountered for binary operator ${operator}`, position);
    return undefined;
  }
  const isAddition = operator === "+";
  const combined: CombinedHistogram = isAddition ? addHistograms(left, right) : subtractHistograms(left, right);
  if (combined.hasResetConflict) {
    annotations.warn(
      `conflicting counter resets during histogram ${isAddition ? "addition" : "subtraction"}`,
      position,
    );
  }
  if (combined.isReconciled) {
    const during = isAddition ? "addition" : "subtraction";
    annotations.inform(`mismatched custom buckets were reconciled during ${during}`, position);
  }
  return compacted(combined.histogram);
}

/** Says that an operator does not take what it got. */
function incompatible(
  { operator, position }: BinaryExpression,
  left: Operand,
  right: Operand,
  context: EvaluationContext,
): undefined {
  const kindOf = (operand: Operand): string => (typeof operand === "number" ? "float" : "histogram");
  context.annotations.inform(
    `incompatible sample types encountered for binary operator "${operator}": ${kindOf(left)} ${operator} ${kindOf(right)}`,
    position,
  );
  return undefined;
}
