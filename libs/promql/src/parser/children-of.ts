import type { Expression } from "../ast.ts";

/** The expressions directly below one, in the order they are written. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "number":
    case "string":
    case "vector-selector":
      return [];
    case "matrix-selector":
      return [expression.selector];
    case "subquery":
    case "unary":
    case "parenthesis":
      return [expression.expression];
    case "aggregation":
      return expression.parameter === undefined
        ? [expression.expression]
        : [expression.parameter, expression.expression];
    case "binary":
      return [expression.left, expression.right];
    case "call":
      return expression.arguments;
  }
}
