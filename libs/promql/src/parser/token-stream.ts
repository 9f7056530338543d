import type { PositionRange } from "../ast.ts";
import { quoteGo, quoteShort, unquoteGo } from "./go-quote.ts";
import { type Token, tokenize } from "./lexer.ts";
import { ParseError } from "./parse-error.ts";
import { QueryText } from "./query-text.ts";

/** Words that Prometheus' messages show as `<word>` instead of as an identifier. */
const KEYWORDS = new Set(
  "and or unless atan2 offset by without on ignoring group_left group_right bool start end".split(" "),
);

/** The tokens of one query, read from left to right with one token of look-ahead (two for calls). */
export class TokenStream {
  readonly #text: QueryText;
  readonly #tokens: readonly Token[];
  #index = 0;

  constructor(text: string) {
    this.#text = new QueryText(text);
    this.#tokens = tokenize(text);
  }

  /** The token `ahead` of the next one; the last token repeats for ever. */
  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#index + ahead, this.#tokens.length - 1)];
    if (token === undefined) throw new RangeError("a token stream is never empty");
    return token;
  }

  next(): Token {
    const token = this.peek();
    if (this.#index < this.#tokens.length - 1) this.#index++;
    return token;
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.type === "symbol" && token.text === symbol;
  }

  /** Whether the next token is that keyword, in any case. */
  isKeyword(keyword: string): boolean {
    const token = this.peek();
    return token.type === "identifier" && token.text.toLowerCase() === keyword;
  }

  acceptSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.next();
    return true;
  }

  acceptKeyword(keyword: string): boolean {
    if (!this.isKeyword(keyword)) return false;
    this.next();
    return true;
  }

  expectSymbol(symbol: string, context: string, expected = quoteGo(symbol)): Token {
    return this.isSymbol(symbol) ? this.next() : this.unexpected(context, expected);
  }

  /** The content of a string token. */
  expectString(context: string, expected: string): string {
    if (this.peek().type !== "string") this.unexpected(context, expected);
    const token = this.next();
    return unquoteGo(token.text) ?? this.fail(this.position(token.start, token.end), "invalid syntax");
  }

  /** From an offset to the end of the token read last. */
  positionFrom(start: number): PositionRange {
    const last = this.#tokens[this.#index - 1];
    const end = this.peek().type === "end" || last === undefined ? this.#endOfLast() : last.end;
    return this.position(start, Math.max(start, end));
  }

  position(start: number, end: number): PositionRange {
    return this.#text.position(start, end);
  }

  fail(position: PositionRange, text: string): never {
    throw new ParseError(position, text);
  }

  /** Throws what Prometheus says of the next token in this place. */
  unexpected(context: string, expected = ""): never {
    const token = this.peek();
    const position = this.position(token.start, token.end);
    if (token.type === "error") this.fail(position, token.text);
    const where = context === "" ? "" : ` in ${context}`;
    const wanted = expected === "" ? "" : `, expected ${expected}`;
    this.fail(position, `unexpected ${describe(token)}${where}${wanted}`);
  }

  #endOfLast(): number {
    return this.#tokens[this.#index - 1]?.end ?? 0;
  }
}

const OPERATORS = new Set(["==", "!=", "=~", "!~", "<", "<=", ">", ">=", "</", ">/", "+", "-", "*", "/", "%", "^"]);

function describe(token: Token): string {
  switch (token.type) {
    case "end":
      return "end of input";
    case "string":
    case "number":
      return `${token.type} ${quoteShort(token.text)}`;
    case "identifier":
      if (KEYWORDS.has(token.text.toLowerCase())) return `<${token.text}>`;
      return `identifier ${quoteShort(token.text)}`;
    case "symbol":
      return OPERATORS.has(token.text) ? `<op:${token.text}>` : quoteShort(token.text);
    case "error":
      return token.text;
  }
}
