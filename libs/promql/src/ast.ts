import type { Matcher } from "@monotreme/model";

/** Half-open range of UTF-16 offsets in the query text, and where it starts for people (both counted from 1). */
export interface PositionRange {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** In characters (code points) of the line. */
  readonly column: number;
}

export type ValueType = "scalar" | "vector" | "matrix" | "string";

interface Node {
  readonly position: PositionRange;
}

export interface NumberLiteral extends Node {
  readonly kind: "number";
  readonly value: number;
  /** Written as a duration (`5m`), kept so that the printer gives it back. */
  readonly isDuration: boolean;
}

export interface StringLiteral extends Node {
  readonly kind: "string";
  readonly value: string;
}

/** `@ <timestamp>`, `@ start()` or `@ end()`. */
export type AtModifier =
  | { readonly kind: "timestamp"; readonly timestampMs: number }
  | { readonly kind: "start" | "end" };

/** Arithmetic inside `[…]` and after `offset`: evaluated per query, because `step()` and `range()` may occur in it. */
export type DurationExpression =
  | { readonly kind: "duration"; readonly durationMs: number; readonly position: PositionRange }
  | { readonly kind: "step" | "range"; readonly position: PositionRange }
  | {
      readonly kind: "negate";
      readonly operand: DurationExpression;
      /** As written, parentheses kept for the printer. */
      readonly parenthesised: boolean;
      readonly position: PositionRange;
    }
  | {
      readonly kind: "binary";
      readonly operator: "+" | "-" | "*" | "/" | "%" | "^" | "min_of" | "max_of";
      readonly left: DurationExpression;
      readonly right: DurationExpression;
      /** As written, parentheses kept for the printer. */
      readonly parenthesised: boolean;
      readonly position: PositionRange;
    };

export interface VectorSelector extends Node {
  readonly kind: "vector-selector";
  /** The metric name before the braces, `""` where there is none; also among the matchers. */
  readonly name: string;
  readonly matchers: readonly Matcher[];
  readonly offset: DurationExpression | undefined;
  readonly at: AtModifier | undefined;
  /** `anchored` and `smoothed` (experimental). */
  readonly extension: "anchored" | "smoothed" | undefined;
}

export interface MatrixSelector extends Node {
  readonly kind: "matrix-selector";
  readonly selector: VectorSelector;
  readonly range: DurationExpression;
}

export interface Subquery extends Node {
  readonly kind: "subquery";
  readonly expression: Expression;
  readonly range: DurationExpression;
  /** Undefined: the default step, the evaluation interval. */
  readonly step: DurationExpression | undefined;
  readonly offset: DurationExpression | undefined;
  readonly at: AtModifier | undefined;
}

export type AggregationOperator =
  | "sum"
  | "avg"
  | "min"
  | "max"
  | "group"
  | "count"
  | "stddev"
  | "stdvar"
  | "topk"
  | "bottomk"
  | "count_values"
  | "quantile"
  | "limitk"
  | "limit_ratio";

export interface Aggregation extends Node {
  readonly kind: "aggregation";
  readonly operator: AggregationOperator;
  readonly expression: Expression;
  /** The k, quantile, ratio or label name. */
  readonly parameter: Expression | undefined;
  readonly grouping: readonly string[];
  readonly without: boolean;
}

export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "^"
  | "atan2"
  | "=="
  | "!="
  | ">"
  | "<"
  | ">="
  | "<="
  | "and"
  | "or"
  | "unless"
  /** Trims observations above or below a bound from native histograms. */
  | "</"
  | ">/";

export type MatchCardinality = "one-to-one" | "many-to-one" | "one-to-many" | "many-to-many";

export interface VectorMatching {
  readonly cardinality: MatchCardinality;
  readonly labels: readonly string[];
  /** `on(…)`; false: `ignoring(…)`. */
  readonly on: boolean;
  /** Labels of the "one" side copied by `group_left(…)` or `group_right(…)`. */
  readonly include: readonly string[];
  /** `fill`, `fill_left`, `fill_right`: the value of a missing side (experimental). */
  readonly fillLeft: number | undefined;
  readonly fillRight: number | undefined;
}

export interface BinaryExpression extends Node {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  /** `bool` after a comparison. */
  readonly returnBool: boolean;
  readonly operatorPosition: PositionRange;
  /** Defined exactly where both sides are vectors. */
  readonly matching: VectorMatching | undefined;
}

export interface UnaryExpression extends Node {
  readonly kind: "unary";
  readonly operator: "+" | "-";
  readonly expression: Expression;
}

export interface ParenthesisExpression extends Node {
  readonly kind: "parenthesis";
  readonly expression: Expression;
}

export interface FunctionCall extends Node {
  readonly kind: "call";
  readonly name: string;
  readonly arguments: readonly Expression[];
}

export type Expression =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Aggregation
  | BinaryExpression
  | UnaryExpression
  | ParenthesisExpression
  | FunctionCall;
