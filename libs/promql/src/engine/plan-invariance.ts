import type { Expression } from "../ast.ts";

/** Functions whose result depends on the evaluation time even when their arguments do not. */
const TIME_DEPENDENT = new Set([
  "days_in_month",
  "day_of_month",
  "day_of_week",
  "day_of_year",
  "hour",
  "minute",
  "month",
  "year",
  "predict_linear",
  "time",
  "timestamp",
]);

/** Whether an expression has the same value at every step, so that it needs evaluating once. */
export function isStepInvariant(expression: Expression): boolean {
  switch (expression.kind) {
    case "number":
    case "string":
      return true;
    case "vector-selector":
    case "subquery":
      return expression.at !== undefined;
    case "matrix-selector":
      return expression.selector.at !== undefined;
    case "aggregation":
      return (
        isStepInvariant(expression.expression) &&
        (expression.parameter === undefined || isStepInvariant(expression.parameter))
      );
    case "binary":
      return isStepInvariant(expression.left) && isStepInvariant(expression.right);
    case "unary":
    case "parenthesis":
      return isStepInvariant(expression.expression);
    case "call":
      return !TIME_DEPENDENT.has(expression.name) && expression.arguments.every(isStepInvariant);
  }
}

/** The expression inside any parentheses. */
export function unwrapParentheses(expression: Expression): Expression {
  let inner = expression;
  while (inner.kind === "parenthesis") inner = inner.expression;
  return inner;
}
