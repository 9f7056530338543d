import type { Matcher } from "@monotreme/model";
import {
  type AtModifier,
  type DurationExpression,
  type Expression,
  FUNCTION_SIGNATURES,
  type Subquery,
  type VectorMatching,
  type VectorSelector,
} from "@monotreme/promql";

/** The syntax tree of a query in the form of upstream's `/api/v1/parse_query`, which its tree view reads. */
export function expressionJson(expression: Expression): object {
  switch (expression.kind) {
    case "number":
      return { type: "numberLiteral", val: plainDecimal(expression.value) };
    case "string":
      return { type: "stringLiteral", val: expression.value };
    case "vector-selector":
      return { type: "vectorSelector", ...selectorJson(expression) };
    case "matrix-selector": {
      const range = constantMs(expression.range);
      return { type: "matrixSelector", range, ...selectorJson(expression.selector) };
    }
    case "subquery":
      return subqueryJson(expression);
    case "aggregation":
      return {
        type: "aggregation",
        op: expression.operator,
        expr: expressionJson(expression.expression),
        param: expression.parameter === undefined ? null : expressionJson(expression.parameter),
        grouping: expression.grouping,
        without: expression.without,
      };
    case "binary":
      return {
        type: "binaryExpr",
        op: expression.operator,
        lhs: expressionJson(expression.left),
        rhs: expressionJson(expression.right),
        matching: expression.matching === undefined ? null : matchingJson(expression.matching),
        bool: expression.returnBool,
      };
    case "unary":
      return { type: "unaryExpr", op: expression.operator, expr: expressionJson(expression.expression) };
    case "parenthesis":
      return { type: "parenExpr", expr: expressionJson(expression.expression) };
    case "call":
      return { type: "call", func: functionJson(expression.name), args: expression.arguments.map(expressionJson) };
  }
}

function selectorJson(selector: VectorSelector): object {
  return {
    name: selector.name,
    offset: constantMs(selector.offset),
    matchers: selector.matchers.map(matcherJson),
    ...atJson(selector.at),
    anchored: selector.extension === "anchored",
    smoothed: selector.extension === "smoothed",
  };
}

function matcherJson({ name, type, value }: Matcher): object {
  return { name, type, value };
}

function atJson(at: AtModifier | undefined): object {
  if (at === undefined) return { timestamp: null, startOrEnd: null };
  return at.kind === "timestamp"
    ? { timestamp: at.timestampMs, startOrEnd: null }
    : { timestamp: null, startOrEnd: at.kind };
}

function subqueryJson(subquery: Subquery): object {
  return {
    type: "subquery",
    expr: expressionJson(subquery.expression),
    range: constantMs(subquery.range),
    offset: constantMs(subquery.offset),
    step: constantMs(subquery.step),
    ...atJson(subquery.at),
  };
}

function matchingJson({ cardinality, labels, on, include, fillLeft, fillRight }: VectorMatching): object {
  return {
    card: cardinality,
    labels,
    on,
    include,
    fillValues: { lhs: fillLeft ?? null, rhs: fillRight ?? null },
  };
}

function functionJson(name: string): object {
  const signature = FUNCTION_SIGNATURES.get(name);
  return {
    name,
    argTypes: signature?.argumentTypes ?? [],
    variadic: signature?.variadic ?? 0,
    returnType: signature?.returnType ?? "vector",
  };
}

/** Milliseconds of what does not depend on the query's range; 0 for the rest and where nothing was written. */
function constantMs(duration: DurationExpression | undefined): number {
  const durationMs = duration === undefined ? 0 : foldedMs(duration);
  return Number.isFinite(durationMs) ? Math.trunc(durationMs) : 0;
}

function foldedMs(duration: DurationExpression): number {
  switch (duration.kind) {
    case "duration":
      return duration.durationMs;
    case "step":
    case "range":
      return Number.NaN;
    case "negate":
      return -foldedMs(duration.operand);
    case "binary":
      return combineSeconds(duration.operator, foldedMs(duration.left) / 1000, foldedMs(duration.right) / 1000) * 1000;
  }
}

function combineSeconds(
  operator: Extract<DurationExpression, { kind: "binary" }>["operator"],
  left: number,
  right: number,
): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
    case "^":
      return left ** right;
    case "min_of":
      return Math.min(left, right);
    case "max_of":
      return Math.max(left, right);
  }
}

/** The shortest digits that give the float back, never with an exponent (Go's format `f`). */
function plainDecimal(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [mantissa = "", exponentText = "0"] = Math.abs(value).toExponential().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = whole + fraction;
  const pointAt = Number(exponentText) + 1;
  if (pointAt <= 0) return `${sign}0.${"0".repeat(-pointAt)}${digits}`;
  if (pointAt >= digits.length) return sign + digits + "0".repeat(pointAt - digits.length);
  return `${sign}${digits.slice(0, pointAt)}.${digits.slice(pointAt)}`;
}
