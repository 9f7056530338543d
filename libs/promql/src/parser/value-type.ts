import type { Expression, ValueType } from "../ast.ts";
import { FUNCTION_SIGNATURES } from "./function-signatures.ts";

/** The type of an expression's value. */
export function valueTypeOf(expression: Expression): ValueType {
  let inner = expression;
  while (inner.kind === "parenthesis" || inner.kind === "unary") inner = inner.expression;
  switch (inner.kind) {
    case "number":
      return "scalar";
    case "string":
      return "string";
    case "vector-selector":
    case "aggregation":
      return "vector";
    case "matrix-selector":
    case "subquery":
      return "matrix";
    case "binary":
      return inner.matching === undefined ? scalarIfBoth(inner.left, inner.right) : "vector";
    case "call":
      return FUNCTION_SIGNATURES.get(inner.name)?.returnType ?? "vector";
  }
}

function scalarIfBoth(left: Expression, right: Expression): ValueType {
  return valueTypeOf(left) === "scalar" && valueTypeOf(right) === "scalar" ? "scalar" : "vector";
}

/** As Prometheus names the types in messages and documentation. */
export function documentedType(type: ValueType): string {
  switch (type) {
    case "vector":
      return "instant vector";
    case "matrix":
      return "range vector";
    case "scalar":
    case "string":
      return type;
  }
}
