import type { Expression } from "../ast.ts";
import { childrenOf } from "../parser/children-of.ts";
import { printAggregationHead, printExpression, printOperator, printSubqueryWindow } from "./print-expression.ts";

/** Expressions longer than this are spread over lines, as Prometheus' formatter does. */
const LONGEST_LINE = 100;
/** Deeper levels are indented no further: a hostile query must not grow by its depth times its lines. */
const DEEPEST_INDENT = 64;

/** An expression in canonical form for people to read: what exceeds a line is spread over several, indented by two. */
export function formatExpression(expression: Expression): string {
  return new Formatter().format(expression, 0);
}

class Formatter {
  readonly #isLong = new Map<Expression, boolean>();

  format(expression: Expression, level: number): string {
    const indent = "  ".repeat(Math.min(level, DEEPEST_INDENT));
    if (!this.#exceedsLine(expression)) return indent + printExpression(expression);
    const inner = (child: Expression): string => this.format(child, level + 1);
    const enclosed = (head: string, children: readonly Expression[]): string =>
      `${indent}${head}(\n${children.map(inner).join(",\n")}\n${indent})`;
    switch (expression.kind) {
      case "aggregation":
        return enclosed(printAggregationHead(expression), childrenOf(expression));
      case "call":
        return enclosed(expression.name, expression.arguments);
      case "parenthesis":
        return enclosed("", [expression.expression]);
      case "binary":
        return `${inner(expression.left)}\n${indent}${printOperator(expression)}\n${inner(expression.right)}`;
      case "unary":
        return indent + expression.operator + this.format(expression.expression, level).trimStart();
      case "subquery":
        return this.format(expression.expression, level) + printSubqueryWindow(expression);
      case "number":
      case "string":
      case "vector-selector":
      case "matrix-selector":
        return indent + printExpression(expression);
    }
  }

  /** From the leaves up: no expression is printed of which a part is too long already, so the work stays linear. */
  #exceedsLine(expression: Expression): boolean {
    const known = this.#isLong.get(expression);
    if (known !== undefined) return known;
    const isLong =
      childrenOf(expression).some((child) => this.#exceedsLine(child)) ||
      printExpression(expression).length > LONGEST_LINE;
    this.#isLong.set(expression, isLong);
    return isLong;
  }
}
