import type { BinaryExpression } from "../ast.ts";
import { isSetOperator } from "./binary-operators.ts";
import { evaluateScalarPair, evaluateVectorScalar } from "./binary-scalar.ts";
import { evaluateSetOperation } from "./binary-set.ts";
import { evaluateVectorPair } from "./binary-vector.ts";
import { asVector, type Value } from "./column.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { QueryExecutionError } from "./query-error.ts";
import type { TimeGrid } from "./time-grid.ts";

/** Evaluates a binary expression whose sides have been evaluated. */
export function evaluateBinary(
  expression: BinaryExpression,
  left: Value,
  right: Value,
  grid: TimeGrid,
  context: EvaluationContext,
): Value {
  if (left.kind === "string" || right.kind === "string") {
    throw new QueryExecutionError("binary expressions take scalars and instant vectors only");
  }
  if (left.kind === "scalar" && right.kind === "scalar" && expression.matching === undefined) {
    return evaluateScalarPair(expression, left, right, context);
  }
  if (expression.matching !== undefined) {
    const leftVector = asVector(left);
    const rightVector = asVector(right);
    return isSetOperator(expression.operator)
      ? evaluateSetOperation(expression, expression.matching, leftVector, rightVector, grid, context)
      : evaluateVectorPair(expression, expression.matching, leftVector, rightVector, grid, context);
  }
  if (left.kind === "vector" && right.kind === "scalar") {
    return evaluateVectorScalar(expression, left, right.values, false, context);
  }
  if (left.kind === "scalar" && right.kind === "vector") {
    return evaluateVectorScalar(expression, right, left.values, true, context);
  }
  throw new QueryExecutionError("two vectors without matching cannot be combined");
}
