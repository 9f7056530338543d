import type { DurationExpression } from "../ast.ts";
import { QueryInvalidError } from "./query-error.ts";

/** What `step()` and `range()` stand for in the durations of a query. */
export interface DurationScope {
  /** The query's step, 0 for an instant query. */
  readonly stepMs: number;
  /** The query's end minus its start. */
  readonly rangeMs: number;
}

/** The largest duration Prometheus can hold (int64 nanoseconds), in ms. */
const MAX_DURATION_MS = 9_223_372_036_854;

/** Evaluates the duration after `offset`; it may be negative. */
export function resolveOffsetMs(expression: DurationExpression | undefined, scope: DurationScope): number {
  if (expression === undefined) return 0;
  return toMs(evaluateSeconds(expression, scope));
}

/** Evaluates the duration within `[…]`: a range or a subquery's step, which must be positive. */
export function resolveRangeMs(expression: DurationExpression, scope: DurationScope): number {
  const durationMs = toMs(evaluateSeconds(expression, scope));
  if (durationMs <= 0) throw new QueryInvalidError("duration must be greater than 0");
  return durationMs;
}

function toMs(seconds: number): number {
  const durationMs = Math.round(seconds * 1000);
  if (!Number.isFinite(durationMs) || Math.abs(durationMs) > MAX_DURATION_MS) {
    throw new QueryInvalidError("duration out of range");
  }
  return durationMs;
}

/** Arithmetic is done in seconds: `5m * 2` is ten minutes, `2s ^ 2` four seconds. */
function evaluateSeconds(expression: DurationExpression, scope: DurationScope): number {
  switch (expression.kind) {
    case "duration":
      return expression.durationMs / 1000;
    case "step":
      return scope.stepMs / 1000;
    case "range":
      return scope.rangeMs / 1000;
    case "negate":
      return -evaluateSeconds(expression.operand, scope);
    case "binary":
      return combineSeconds(
        expression.operator,
        evaluateSeconds(expression.left, scope),
        evaluateSeconds(expression.right, scope),
      );
  }
}

type DurationOperator = Extract<DurationExpression, { kind: "binary" }>["operator"];

function combineSeconds(operator: DurationOperator, left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      if (right === 0) throw new QueryInvalidError("division by zero");
      return left / right;
    case "%":
      if (right === 0) throw new QueryInvalidError("modulo by zero");
      return left % right;
    case "^":
      return left ** right;
    case "min_of":
      return Math.min(left, right);
    case "max_of":
      return Math.max(left, right);
  }
}
