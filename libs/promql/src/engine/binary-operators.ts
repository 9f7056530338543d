import type { BinaryOperator } from "../ast.ts";

export type SetOperator = "and" | "or" | "unless";
export type ComparisonOperator = "==" | "!=" | ">" | "<" | ">=" | "<=";
export type ArithmeticOperator = Exclude<BinaryOperator, SetOperator | ComparisonOperator>;

const SET_OPERATORS: ReadonlySet<string> = new Set<SetOperator>(["and", "or", "unless"]);

type Compare = (left: number, right: number) => boolean;
type Combine = (left: number, right: number) => number;

const COMPARISONS: ReadonlyMap<string, Compare> = new Map<ComparisonOperator, Compare>([
  ["==", (left, right) => left === right],
  ["!=", (left, right) => left !== right],
  [">", (left, right) => left > right],
  ["<", (left, right) => left < right],
  [">=", (left, right) => left >= right],
  ["<=", (left, right) => left <= right],
]);

const ARITHMETIC: ReadonlyMap<string, Combine> = new Map<string, Combine>([
  ["+", (left, right) => left + right],
  ["-", (left, right) => left - right],
  ["*", (left, right) => left * right],
  ["/", (left, right) => left / right],
  ["%", (left, right) => left % right],
  ["^", power],
  ["atan2", Math.atan2],
]);

export function isSetOperator(operator: BinaryOperator): operator is SetOperator {
  return SET_OPERATORS.has(operator);
}

/** The test of a comparison operator; undefined for any other. NaN compares false, but `!=` true. */
export function comparisonOf(operator: BinaryOperator): Compare | undefined {
  return COMPARISONS.get(operator);
}

/** The float function of an arithmetic operator; undefined for the others and for the histogram trims. */
export function arithmeticOf(operator: BinaryOperator): Combine | undefined {
  return ARITHMETIC.get(operator);
}

/** IEEE 754 pow, as Go has it: where JavaScript differs, 1 to anything and ±1 to ±Inf are 1. */
function power(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && (exponent === Infinity || exponent === -Infinity)) return 1;
  return base ** exponent;
}
