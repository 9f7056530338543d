import type { AggregationOperator, BinaryOperator } from "../ast.ts";

const PRECEDENCES: Readonly<Record<BinaryOperator, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  "==": 3,
  "!=": 3,
  "<": 3,
  "<=": 3,
  ">": 3,
  ">=": 3,
  "</": 3,
  ">/": 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
  "%": 5,
  atan2: 5,
  "^": 7,
};

/** Signs bind as `*` does but below `^`: −a ^ 2 is −(a ^ 2), −a * b is (−a) * b. */
export const UNARY_PRECEDENCE = 6;

/** How strongly a binary operator binds; all but `^` are left-associative. */
export function precedenceOf(operator: BinaryOperator): number {
  return PRECEDENCES[operator];
}

export function isBinaryOperator(text: string): text is BinaryOperator {
  return Object.hasOwn(PRECEDENCES, text);
}

const COMPARISONS: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="]);

export function isComparison(operator: BinaryOperator): boolean {
  return COMPARISONS.has(operator);
}

export function isSetOperator(operator: BinaryOperator): boolean {
  return operator === "and" || operator === "or" || operator === "unless";
}

/** The type of an aggregation's parameter; undefined where it takes none. */
const AGGREGATION_PARAMETERS: Readonly<Record<AggregationOperator, "scalar" | "string" | undefined>> = {
  sum: undefined,
  avg: undefined,
  min: undefined,
  max: undefined,
  group: undefined,
  count: undefined,
  stddev: undefined,
  stdvar: undefined,
  topk: "scalar",
  bottomk: "scalar",
  count_values: "string",
  quantile: "scalar",
  limitk: "scalar",
  limit_ratio: "scalar",
};

export function isAggregationOperator(text: string): text is AggregationOperator {
  return Object.hasOwn(AGGREGATION_PARAMETERS, text);
}

export function parameterTypeOf(operator: AggregationOperator): "scalar" | "string" | undefined {
  return AGGREGATION_PARAMETERS[operator];
}

export function isExperimentalAggregation(operator: AggregationOperator): boolean {
  return operator === "limitk" || operator === "limit_ratio";
}
