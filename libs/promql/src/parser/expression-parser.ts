import { messageOf } from "@monotreme/errors";
import { type Matcher, Matcher as LabelMatcher, METRIC_NAME, PatternBudget } from "@monotreme/model";
import type { AtModifier, BinaryOperator, Expression, StringLiteral, VectorSelector } from "../ast.ts";
import { parseAggregation } from "./aggregation-parser.ts";
import { parseBinaryModifiers } from "./binary-modifiers.ts";
import { DurationParser } from "./duration-parser.ts";
import { FUNCTION_SIGNATURES } from "./function-signatures.ts";
import { quoteShort } from "./go-quote.ts";
import type { Token } from "./lexer.ts";
import { parseMatchers } from "./matcher-parser.ts";
import { parseNumber } from "./number-literal.ts";
import { isAggregationOperator, isBinaryOperator, precedenceOf, UNARY_PRECEDENCE } from "./operators.ts";
import type { ParserOptions } from "./parser-options.ts";
import { withAt, withExtension, withOffset, withRange } from "./selector-modifiers.ts";
import type { TokenStream } from "./token-stream.ts";

/** Modifiers that no metric can be named after; every other keyword can. */
const RESERVED = new Set(["bool", "on", "ignoring", "group_left", "group_right"]);
/** The deepest tree that is accepted (a chain of operators counts), so that walks over it may recurse. */
export const MAX_TREE_DEPTH = 1000;

/** How deep calls, parentheses and signs may stand in each other; each level costs a few stack frames. */
const MAX_NESTING = 200;
/** Milliseconds of Prometheus' `minTime` and `maxTime` bounds for `@`: those of an int64. */
const MAX_TIMESTAMP_MS = 2 ** 63;

/** Builds the tree of one query by precedence climbing; types are checked afterwards. */
export class ExpressionParser {
  readonly #tokens: TokenStream;
  readonly #options: ParserOptions;
  readonly #durations: DurationParser;
  readonly #patterns: PatternBudget;
  #depth = 0;

  constructor(tokens: TokenStream, options: ParserOptions) {
    this.#tokens = tokens;
    this.#options = options;
    this.#patterns = options.patterns ?? new PatternBudget();
    this.#durations = new DurationParser(tokens, options.durationExpressions ?? true);
  }

  /** The whole query. */
  run(): Expression {
    const first = this.#tokens.peek();
    if (first.type === "end") this.#tokens.fail(this.#tokens.position(0, 0), "no expression found in input");
    const expression = this.#expression(0);
    return this.#tokens.peek().type === "end" ? expression : this.#tokens.unexpected("");
  }

  #expression(minPrecedence: number): Expression {
    let left = this.#unary();
    for (let depth = 1; ; depth++) {
      if (depth > MAX_TREE_DEPTH)
        this.#tokens.fail(left.position, `query is nested more than ${MAX_TREE_DEPTH} levels deep`);
      const operator = this.#binaryOperator();
      if (operator === undefined || precedenceOf(operator) < minPrecedence) return left;
      left = this.#binary(operator, left);
    }
  }

  #binaryOperator(): BinaryOperator | undefined {
    const { type, text } = this.#tokens.peek();
    if (type !== "symbol" && type !== "identifier") return undefined;
    const operator = text.toLowerCase();
    return isBinaryOperator(operator) ? operator : undefined;
  }

  #binary(operator: BinaryOperator, left: Expression): Expression {
    const token = this.#tokens.next();
    const operatorPosition = this.#tokens.position(token.start, token.end);
    const { returnBool, matching } = parseBinaryModifiers(this.#tokens, this.#options);
    const precedence = precedenceOf(operator);
    const right = this.#nested(() => this.#expression(operator === "^" ? precedence : precedence + 1));
    const position = this.#tokens.position(left.position.start, right.position.end);
    return { kind: "binary", operator, left, right, returnBool, operatorPosition, matching, position };
  }

  #unary(): Expression {
    const { start } = this.#tokens.peek();
    const operator = this.#tokens.isSymbol("-") ? "-" : this.#tokens.isSymbol("+") ? "+" : undefined;
    if (operator === undefined) return this.#postfix();
    this.#tokens.next();
    const expression = this.#nested(() => this.#expression(UNARY_PRECEDENCE));
    const position = this.#tokens.position(start, expression.position.end);
    if (expression.kind !== "number") return { kind: "unary", operator, expression, position };
    return { ...expression, value: operator === "-" ? -expression.value : expression.value, position };
  }

  #postfix(): Expression {
    let expression = this.#primary();
    for (;;) {
      if (this.#tokens.isSymbol("[")) expression = this.#brackets(expression);
      else if (this.#tokens.isKeyword("offset")) expression = this.#offset(expression);
      else if (this.#tokens.isSymbol("@")) expression = this.#at(expression);
      else if (this.#tokens.isKeyword("anchored")) expression = this.#extension(expression, "anchored");
      else if (this.#tokens.isKeyword("smoothed")) expression = this.#extension(expression, "smoothed");
      else return expression;
    }
  }

  #brackets(target: Expression): Expression {
    this.#tokens.next();
    const range = this.#durations.expression("subquery or range selector");
    if (this.#tokens.acceptSymbol("]")) return withRange(this.#tokens, target, range);
    this.#tokens.expectSymbol(":", "subquery or range", '":" or "]"');
    const step = this.#tokens.isSymbol("]") ? undefined : this.#durations.expression("subquery selector");
    this.#tokens.expectSymbol("]", "subquery selector");
    const position = this.#tokens.positionFrom(target.position.start);
    return { kind: "subquery", expression: target, range, step, offset: undefined, at: undefined, position };
  }

  #offset(target: Expression): Expression {
    this.#tokens.next();
    return withOffset(this.#tokens, target, this.#durations.operand("offset"));
  }

  #at(target: Expression): Expression {
    this.#tokens.next();
    return withAt(this.#tokens, target, this.#atModifier());
  }

  #atModifier(): AtModifier {
    for (const kind of ["start", "end"] as const) {
      if (!this.#tokens.acceptKeyword(kind)) continue;
      this.#tokens.expectSymbol("(", "@ modifier");
      this.#tokens.expectSymbol(")", "@ modifier");
      return { kind };
    }
    const { start } = this.#tokens.peek();
    const sign = this.#tokens.acceptSymbol("-") ? -1 : 1;
    if (sign === 1) this.#tokens.acceptSymbol("+");
    const token = this.#tokens.peek();
    const number = token.type === "number" || token.type === "identifier" ? parseNumber(token.text) : undefined;
    if (number === undefined) return this.#tokens.unexpected("@", "timestamp");
    this.#tokens.next();
    const timestampMs = Math.round(sign * number.value * 1000);
    if (!(Math.abs(timestampMs) < MAX_TIMESTAMP_MS)) {
      this.#tokens.fail(this.#tokens.positionFrom(start), `timestamp out of bounds for @ modifier: ${token.text}`);
    }
    return { kind: "timestamp", timestampMs };
  }

  #extension(target: Expression, extension: "anchored" | "smoothed"): Expression {
    const token = this.#tokens.next();
    if (this.#options.extendedRangeSelectors !== true) {
      const position = this.#tokens.position(token.start, token.end);
      this.#tokens.fail(position, `${extension} modifier is experimental and not enabled`);
    }
    return withExtension(this.#tokens, target, extension);
  }

  #primary(): Expression {
    const token = this.#tokens.peek();
    if (token.type === "number") return this.#number();
    if (token.type === "string") {
      const value = this.#tokens.expectString("", "");
      return { kind: "string", value, position: this.#tokens.position(token.start, token.end) };
    }
    if (token.type === "identifier") return this.#word(token);
    if (this.#tokens.isSymbol("{")) return this.#selector("", token.start);
    if (this.#tokens.isSymbol("(")) return this.#parenthesis();
    return this.#tokens.unexpected("");
  }

  #word(token: Token): Expression {
    const lower = token.text.toLowerCase();
    if (lower === "inf" || lower === "nan") return this.#number();
    if (RESERVED.has(lower)) return this.#tokens.unexpected("");
    if (isAggregationOperator(lower) && this.#startsAggregation()) {
      return parseAggregation(this.#tokens, this.#options, lower, () => this.#arguments());
    }
    if (this.#tokens.isSymbol("(", 1)) return this.#call(token);
    this.#tokens.next();
    return this.#selector(token.text, token.start);
  }

  #startsAggregation(): boolean {
    const { type, text } = this.#tokens.peek(1);
    return type === "symbol" ? text === "(" : /^(?:by|without)$/i.test(text);
  }

  #number(): Expression {
    const token = this.#tokens.next();
    const position = this.#tokens.position(token.start, token.end);
    const number = parseNumber(token.text);
    if (number !== undefined) return { kind: "number", ...number, position };
    return this.#tokens.fail(position, `bad number or duration syntax: ${quoteShort(token.text)}`);
  }

  #selector(name: string, start: number): VectorSelector {
    const matchers: Matcher[] = this.#tokens.isSymbol("{") ? parseMatchers(this.#tokens, this.#patterns) : [];
    if (name !== "") matchers.push(new LabelMatcher("=", METRIC_NAME, name));
    const position = this.#tokens.positionFrom(start);
    return {
      kind: "vector-selector",
      name,
      matchers,
      offset: undefined,
      at: undefined,
      extension: undefined,
      position,
    };
  }

  #parenthesis(): Expression {
    const { start } = this.#tokens.next();
    const expression = this.#nested(() => this.#expression(0));
    this.#tokens.expectSymbol(")", "", "");
    return { kind: "parenthesis", expression, position: this.#tokens.positionFrom(start) };
  }

  #call(name: Token): Expression {
    const signature = FUNCTION_SIGNATURES.get(name.text);
    const position = this.#tokens.position(name.start, name.end);
    if (signature === undefined) this.#tokens.fail(position, `unknown function with name ${quoteShort(name.text)}`);
    if (signature.isExperimental && this.#options.experimentalFunctions !== true) {
      this.#tokens.fail(position, `function ${quoteShort(name.text)} is not enabled`);
    }
    this.#tokens.next();
    const values = this.#arguments();
    const pattern = name.text === "label_replace" ? values[4] : undefined;
    if (pattern?.kind === "string") this.#spend(pattern);
    return { kind: "call", name: name.text, arguments: values, position: this.#tokens.positionFrom(name.start) };
  }

  #spend({ value, position }: StringLiteral): void {
    try {
      this.#patterns.spend(value);
    } catch (thrown) {
      this.#tokens.fail(position, messageOf(thrown));
    }
  }

  /** `(a, b)`, possibly empty. */
  #arguments(): Expression[] {
    const values: Expression[] = [];
    this.#tokens.expectSymbol("(", "function call");
    while (!this.#tokens.acceptSymbol(")")) {
      values.push(this.#nested(() => this.#expression(0)));
      const comma = this.#tokens.peek();
      if (!this.#tokens.acceptSymbol(",")) {
        this.#tokens.expectSymbol(")", "", "");
        return values;
      }
      if (this.#tokens.isSymbol(")")) {
        const position = this.#tokens.position(comma.start, comma.end);
        this.#tokens.fail(position, "trailing commas not allowed in function call args");
      }
    }
    return values;
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_NESTING) {
      const token = this.#tokens.peek();
      const position = this.#tokens.position(token.start, token.end);
      this.#tokens.fail(position, `query is nested more than ${MAX_NESTING} levels deep`);
    }
    const result = read();
    this.#depth--;
    return result;
  }
}
