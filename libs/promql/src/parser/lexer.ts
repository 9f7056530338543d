import { quoteGo, quoteShort } from "./go-quote.ts";

export type TokenType = "identifier" | "number" | "string" | "symbol" | "error" | "end";

/** One token; keywords are identifiers, because nearly every keyword is also a valid metric name. */
export interface Token {
  readonly type: TokenType;
  /** As written; of an `error` token the message. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const SKIPPED = /(?:[ \t\r\n]+|#[^\n]*)*/y;
const SYMBOL = /==|!=|=~|!~|<=|<\/|>=|>\/|[-+*/%^<>=@,:(){}[\]]/y;
const METRIC_IDENTIFIER = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL_IDENTIFIER = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const NUMBER = /0[xX](?:_?[0-9a-fA-F])+|(?:\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?/y;
const DURATION = /(?:\d+(?:ms|[smhdwy]))+/y;
const WORD_REST = /[a-zA-Z0-9_.]+/y;
const STRING = /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'|`[^`]*`/y;

/** Splits a query into tokens, the last of them `end` or, where the text cannot be PromQL, `error`. */
export function tokenize(text: string): readonly Token[] {
  return new Lexer(text).run();
}

class Lexer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #openParentheses = 0;
  #inBraces = false;
  #inBrackets = false;

  constructor(text: string) {
    this.#text = text;
  }

  run(): readonly Token[] {
    for (;;) {
      this.#at += this.#match(SKIPPED).length;
      const token = this.#next();
      this.#tokens.push(token);
      if (token.type === "end" || token.type === "error") return this.#tokens;
      this.#at = token.end;
    }
  }

  #next(): Token {
    const first = this.#text[this.#at];
    if (first === undefined) return this.#end();
    if (first === '"' || first === "'" || first === "`") return this.#string(first);
    if (/[0-9]/.test(first) || (first === "." && /[0-9]/.test(this.#text[this.#at + 1] ?? ""))) return this.#number();
    const identifier = this.#match(this.#inBraces || this.#inBrackets ? LABEL_IDENTIFIER : METRIC_IDENTIFIER);
    if (identifier !== "") return this.#token("identifier", identifier);
    const symbol = this.#match(SYMBOL);
    if (symbol === "" || (this.#inBraces && symbol === ":")) return this.#unexpectedCharacter();
    const fault = this.#trackBrackets(symbol);
    return fault === undefined ? this.#token("symbol", symbol) : this.#error(fault);
  }

  #string(quote: string): Token {
    const literal = this.#match(STRING);
    if (literal !== "") return this.#token("string", literal);
    return this.#error(quote === "`" ? "unterminated raw string" : "unterminated quoted string");
  }

  #number(): Token {
    const number = this.#match(NUMBER);
    const duration = this.#match(DURATION);
    const text = duration.length > number.length ? duration : number;
    const rest = this.#match(WORD_REST, this.#at + text.length);
    if (rest !== "") return this.#error(`bad number or duration syntax: ${quoteShort(text + rest)}`);
    return this.#token("number", text);
  }

  /** Keeps count of what is open; gives the fault where a bracket cannot stand here. */
  #trackBrackets(symbol: string): string | undefined {
    switch (symbol) {
      case "(":
        this.#openParentheses++;
        return undefined;
      case ")":
        return this.#openParentheses-- > 0 ? undefined : "unexpected right parenthesis ')'";
      case "{":
        if (this.#inBraces) return "unexpected left brace '{'";
        this.#inBraces = true;
        return undefined;
      case "}":
        if (!this.#inBraces) return "unexpected right brace '}'";
        this.#inBraces = false;
        return undefined;
      case "[":
        if (this.#inBrackets) return "unexpected left bracket '['";
        this.#inBrackets = true;
        return undefined;
      case "]":
        if (!this.#inBrackets) return "unexpected right bracket ']'";
        this.#inBrackets = false;
        return undefined;
      default:
        return undefined;
    }
  }

  #end(): Token {
    if (this.#inBraces) return this.#error("unexpected end of input inside braces");
    if (this.#inBrackets) return this.#error("unclosed left bracket");
    if (this.#openParentheses > 0) return this.#error("unclosed left parenthesis");
    return { type: "end", text: "", start: this.#at, end: this.#at };
  }

  #unexpectedCharacter(): Token {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    const quoted = character === "'" ? "\\'" : quoteGo(character).slice(1, -1).replace('\\"', '"');
    return this.#error(`unexpected character${this.#inBraces ? " inside braces" : ""}: '${quoted}'`);
  }

  #token(type: TokenType, text: string): Token {
    return { type, text, start: this.#at, end: this.#at + text.length };
  }

  #error(message: string): Token {
    return { type: "error", text: message, start: this.#at, end: this.#text.length };
  }

  #match(pattern: RegExp, at = this.#at): string {
    pattern.lastIndex = at;
    return pattern.exec(this.#text)?.[0] ?? "";
  }
}
