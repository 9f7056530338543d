import type { DurationExpression } from "../ast.ts";
import { quoteShort } from "./go-quote.ts";
import { parseNumber } from "./number-literal.ts";
import type { TokenStream } from "./token-stream.ts";

const EXPECTED = "number, duration, step(), or range()";
const MAX_NESTING = 100;
/** Of one query's durations together, because each makes its tree one level deeper. */
const MAX_OPERATORS = 500;
/** Prometheus keeps durations in int64 nanoseconds. */
const MAX_DURATION_MS = 2 ** 63 / 1e6;

type Operator = "+" | "-" | "*" | "/" | "%" | "^";
const OPERATORS: readonly (readonly [operator: Operator, precedence: number])[] = [
  ["+", 1],
  ["-", 1],
  ["*", 2],
  ["/", 2],
  ["%", 2],
  ["^", 4],
];
/** Below `^`: −2 ^ 2 is −(2 ^ 2). */
const UNARY_PRECEDENCE = 3;

/** Reads the durations inside `[…]` and after `offset`. */
export class DurationParser {
  readonly #tokens: TokenStream;
  readonly #allowExpressions: boolean;
  #depth = 0;
  #operators = 0;

  constructor(tokens: TokenStream, allowExpressions: boolean) {
    this.#tokens = tokens;
    this.#allowExpressions = allowExpressions;
  }

  /** A whole expression, as ranges and steps take it. */
  expression(context: string, minPrecedence = 0): DurationExpression {
    let left = this.#unary(context);
    for (;;) {
      const operator = OPERATORS.find(([symbol]) => this.#tokens.isSymbol(symbol));
      if (operator === undefined || operator[1] < minPrecedence) return left;
      this.#requireExpressions();
      const token = this.#tokens.next();
      if (++this.#operators > MAX_OPERATORS) {
        const position = this.#tokens.position(token.start, token.end);
        this.#tokens.fail(position, `more than ${MAX_OPERATORS} operators in duration expressions`);
      }
      const [symbol, precedence] = operator;
      const right = this.expression(context, symbol === "^" ? precedence : precedence + 1);
      left = this.#binary(symbol, left, right, left.position.start);
    }
  }

  /** One operand with its signs, as `offset` takes it: an operator after it belongs to the query around. */
  operand(context: string): DurationExpression {
    const start = this.#tokens.peek().start;
    if (this.#tokens.acceptSymbol("+")) return this.#nested(() => this.operand(context));
    if (!this.#tokens.acceptSymbol("-")) return this.#primary(context);
    return this.#nested(() => {
      const operand = this.operand(context);
      return { kind: "negate", operand, parenthesised: false, position: this.#tokens.positionFrom(start) };
    });
  }

  #unary(context: string): DurationExpression {
    const start = this.#tokens.peek().start;
    if (this.#tokens.acceptSymbol("+")) return this.#nested(() => this.expression(context, UNARY_PRECEDENCE));
    if (!this.#tokens.acceptSymbol("-")) return this.#primary(context);
    return this.#nested(() => {
      const operand = this.expression(context, UNARY_PRECEDENCE);
      return { kind: "negate", operand, parenthesised: false, position: this.#tokens.positionFrom(start) };
    });
  }

  #primary(context: string): DurationExpression {
    const token = this.#tokens.peek();
    if (token.type === "number" || this.#tokens.isKeyword("inf") || this.#tokens.isKeyword("nan"))
      return this.#literal();
    if (this.#tokens.isSymbol("(")) return this.#parenthesised(context);
    for (const name of ["step", "range", "min_of", "max_of"] as const) {
      if (this.#tokens.isKeyword(name) && this.#tokens.isSymbol("(", 1)) return this.#call(name, context);
    }
    return this.#tokens.unexpected(context, EXPECTED);
  }

  #literal(): DurationExpression {
    const token = this.#tokens.next();
    const position = this.#tokens.position(token.start, token.end);
    const number = parseNumber(token.text);
    if (number === undefined) this.#tokens.fail(position, `bad number or duration syntax: ${quoteShort(token.text)}`);
    // Prometheus rounds to whole nanoseconds.
    const durationMs = Math.round(number.value * 1e9) / 1e6;
    if (!(durationMs < MAX_DURATION_MS)) this.#tokens.fail(position, "duration out of range");
    return { kind: "duration", durationMs, position };
  }

  #parenthesised(context: string): DurationExpression {
    this.#requireExpressions();
    const { start } = this.#tokens.next();
    const inner = this.#nested(() => this.expression(context));
    this.#tokens.expectSymbol(")", context);
    const position = this.#tokens.positionFrom(start);
    return isOperation(inner) ? { ...inner, parenthesised: true, position } : inner;
  }

  #call(name: "step" | "range" | "min_of" | "max_of", context: string): DurationExpression {
    this.#requireExpressions();
    const { start } = this.#tokens.next();
    this.#tokens.next();
    if (name === "step" || name === "range") {
      this.#tokens.expectSymbol(")", context);
      return { kind: name, position: this.#tokens.positionFrom(start) };
    }
    const left = this.#nested(() => this.expression(context));
    this.#tokens.expectSymbol(",", context);
    const right = this.#nested(() => this.expression(context));
    this.#tokens.expectSymbol(")", context);
    return this.#binary(name, left, right, start);
  }

  #binary(
    operator: Operator | "min_of" | "max_of",
    left: DurationExpression,
    right: DurationExpression,
    start: number,
  ): DurationExpression {
    return { kind: "binary", operator, left, right, parenthesised: false, position: this.#tokens.positionFrom(start) };
  }

  #requireExpressions(): void {
    if (this.#allowExpressions) return;
    const token = this.#tokens.peek();
    this.#tokens.fail(this.#tokens.position(token.start, token.end), "experimental duration expression is not enabled");
  }

  #nested<T>(read: () => T): T {
    const token = this.#tokens.peek();
    if (++this.#depth > MAX_NESTING) {
      this.#tokens.fail(this.#tokens.position(token.start, token.end), "duration expression is nested too deeply");
    }
    const result = read();
    this.#depth--;
    return result;
  }
}

/** What needs its parentheses when printed. */
function isOperation(
  duration: DurationExpression,
): duration is Extract<DurationExpression, { kind: "binary" | "negate" }> {
  if (duration.kind === "binary") return duration.operator !== "min_of" && duration.operator !== "max_of";
  return duration.kind === "negate";
}
