import { Labels } from "@monotreme/model";
import type { BinaryExpression } from "../ast.ts";
import { isSetOperator } from "./binary-operators.ts";
import { evaluateScalarPair, evaluateVectorScalar } from "./binary-scalar.ts";
import { evaluateSetOperation } from "./binary-set.ts";
import { evaluateVectorPair } from "./binary-vector.ts";
import { FLOAT, type Value, type VectorValue, vectorOf } from "./column.ts";
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
    return evaluateScalarPair(expression, left, right);
  }
  if (expression.matching !== undefined) {
    const leftVector = asVector(left);
    const rightVector = asVector(right);
    return isSetOperator(expression.operator)
      ? evaluateSetOperation(expression, expression.matching, leftVector, rightVector, grid)
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

/** A range query's constants may stand where the AST says vector. */
function asVector(value: Exclude<Value, { readonly kind: "string" }>): VectorValue {
  if (value.kind === "vector") return value;
  const present = new Uint8Array(value.values.length).fill(FLOAT);
  return vectorOf([{ labels: Labels.EMPTY, dropName: false, values: value.values, present, histograms: undefined }]);
}
