import {
  formatDurationMs,
  formatFloat,
  isLegacyLabelName,
  isLegacyMetricName,
  type Matcher,
  METRIC_NAME,
} from "@monotreme/model";
import type {
  Aggregation,
  AtModifier,
  BinaryExpression,
  Expression,
  MatrixSelector,
  NumberLiteral,
  Subquery,
  VectorSelector,
} from "../ast.ts";
import { quoteGo } from "../parser/go-quote.ts";
import { printDuration } from "./print-duration.ts";

/** An expression in Prometheus' canonical form on one line; parsing it gives the same tree again. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "number":
      return printNumber(expression);
    case "string":
      return quoteGo(expression.value);
    case "vector-selector":
      return printSelector(expression) + printModifiers(expression);
    case "matrix-selector":
      return printMatrix(expression);
    case "subquery":
      return printSubquery(expression);
    case "aggregation":
      return printAggregation(expression);
    case "binary":
      return printBinary(expression);
    case "unary":
      return expression.operator + printExpression(expression.expression);
    case "parenthesis":
      return `(${printExpression(expression.expression)})`;
    case "call":
      return `${expression.name}(${expression.arguments.map(printExpression).join(", ")})`;
  }
}

function printNumber({ value, isDuration }: NumberLiteral): string {
  if (isDuration) return formatDurationMs(Math.round(value * 1000));
  // Go's default form of floats takes an exponent below 1e-4 already.
  const isSmall = value !== 0 && Math.abs(value) < 1e-4;
  return isSmall ? value.toExponential().replace(/e-(\d)$/, "e-0$1") : formatFloat(value);
}

function printSelector({ name, matchers }: VectorSelector): string {
  const isQuoted = name !== "" && !isLegacyMetricName(name);
  const shown = name === "" ? matchers : matchers.filter((matcher) => !isNameItself(matcher, name));
  const inner = [...(isQuoted ? [quoteGo(name)] : []), ...shown.map(printMatcher)];
  const head = isQuoted ? "" : name;
  return inner.length === 0 && head !== "" ? head : `${head}{${inner.join(",")}}`;
}

function isNameItself(matcher: Matcher, name: string): boolean {
  return matcher.name === METRIC_NAME && matcher.type === "=" && matcher.value === name;
}

function printMatcher({ name, type, value }: Matcher): string {
  return `${printLabelName(name)}${type}${quoteGo(value)}`;
}

function printLabelName(name: string): string {
  return isLegacyLabelName(name) ? name : quoteGo(name);
}

function printLabels(names: readonly string[]): string {
  return `(${names.map(printLabelName).join(", ")})`;
}

function printModifiers({
  extension,
  at,
  offset,
}: Partial<Pick<VectorSelector, "extension" | "at" | "offset">>): string {
  const parts = [
    extension,
    at === undefined ? undefined : printAt(at),
    offset === undefined ? undefined : `offset ${printDuration(offset)}`,
  ];
  return parts.map((part) => (part === undefined ? "" : ` ${part}`)).join("");
}

function printAt(at: AtModifier): string {
  return at.kind === "timestamp" ? `@ ${(at.timestampMs / 1000).toFixed(3)}` : `@ ${at.kind}()`;
}

function printMatrix({ selector, range }: MatrixSelector): string {
  return `${printSelector(selector)}[${printDuration(range)}]${printModifiers(selector)}`;
}

function printSubquery(subquery: Subquery): string {
  return printExpression(subquery.expression) + printSubqueryWindow(subquery);
}

/** What follows the expression of a subquery: `[1h:5m] offset 1d`. */
export function printSubqueryWindow(subquery: Subquery): string {
  const { range, step } = subquery;
  return `[${printDuration(range)}:${step === undefined ? "" : printDuration(step)}]${printModifiers(subquery)}`;
}

function printAggregation(aggregation: Aggregation): string {
  const { expression, parameter } = aggregation;
  const first = parameter === undefined ? "" : `${printExpression(parameter)}, `;
  return `${printAggregationHead(aggregation)}(${first}${printExpression(expression)})`;
}

/** What stands before the parenthesis of an aggregation: `sum by (job) `. */
export function printAggregationHead({ operator, grouping, without }: Aggregation): string {
  if (without) return `${operator} without ${printLabels(grouping)} `;
  return grouping.length > 0 ? `${operator} by ${printLabels(grouping)} ` : operator;
}

function printBinary(binary: BinaryExpression): string {
  return `${printExpression(binary.left)} ${printOperator(binary)} ${printExpression(binary.right)}`;
}

/** The operator of a binary expression with its modifiers: `== bool on (job)`. */
export function printOperator(binary: BinaryExpression): string {
  return `${binary.operator}${binary.returnBool ? " bool" : ""}${printMatching(binary)}`;
}

function printMatching({ matching }: BinaryExpression): string {
  if (matching === undefined) return "";
  const { cardinality, labels, on, include, fillLeft, fillRight } = matching;
  const isGrouped = cardinality === "many-to-one" || cardinality === "one-to-many";
  let text = labels.length > 0 || on || isGrouped ? ` ${on ? "on" : "ignoring"} ${printLabels(labels)}` : "";
  if (isGrouped) text += ` group_${cardinality === "many-to-one" ? "left" : "right"} ${printLabels(include)}`;
  if (fillLeft !== undefined && Object.is(fillLeft, fillRight)) return `${text} fill (${formatFloat(fillLeft)})`;
  if (fillLeft !== undefined) text += ` fill_left (${formatFloat(fillLeft)})`;
  if (fillRight !== undefined) text += ` fill_right (${formatFloat(fillRight)})`;
  return text;
}
