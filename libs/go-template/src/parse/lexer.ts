import { quoteGo } from "../fmt/quote.ts";
import { describeRune, keywordOf, type Token, type TokenKind } from "./token.ts";

const SPACE = " \t\r\n";
const ALPHANUMERIC = /[\p{L}\p{Nd}_]/u;
const END = -1;

function isSpace(char: string | undefined): boolean {
  return char !== undefined && char !== "" && SPACE.includes(char);
}

/**
 * Cuts the text of a template into tokens, one at a time, since the names `break` and `continue` depend on what the
 * parser knows. Trim markers are applied here; the parser never sees them.
 */
export class Lexer {
  readonly #text: string;
  #pos = 0;
  #start = 0;
  #line = 1;
  #startLine = 1;
  #parenDepth = 0;
  #isInsideAction = false;
  #hasFailed = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next token; after an error only the end of the text follows. */
  next(): Token {
    if (this.#hasFailed) return { kind: "eof", pos: this.#pos, text: "", line: this.#startLine };
    return this.#isInsideAction ? this.#insideAction() : this.#outside();
  }

  #emit(kind: TokenKind): Token {
    const text = this.#text.slice(this.#start, this.#pos);
    const token = { kind, pos: this.#start, text, line: this.#startLine };
    this.#skip();
    return token;
  }

  /** Moves the start of the next token here and counts the lines passed. */
  #skip(): void {
    for (let i = this.#start; i < this.#pos; i++) if (this.#text.charCodeAt(i) === 10) this.#line++;
    this.#start = this.#pos;
    this.#startLine = this.#line;
  }

  #fail(message: string): Token {
    this.#hasFailed = true;
    return { kind: "error", pos: this.#start, text: message, line: this.#startLine };
  }

  #peekPoint(): number {
    return this.#text.codePointAt(this.#pos) ?? END;
  }

  #advance(): number {
    const point = this.#peekPoint();
    if (point !== END) this.#pos += point > 0xffff ? 2 : 1;
    return point;
  }

  #outside(): Token {
    for (;;) {
      const at = this.#text.indexOf("{{", this.#pos);
      if (at < 0) {
        this.#pos = this.#text.length;
        return this.#emit(this.#pos > this.#start ? "text" : "eof");
      }
      const isTrimmed = this.#text[at + 2] === "-" && isSpace(this.#text[at + 3]);
      let end = at;
      if (isTrimmed) while (end > this.#start && isSpace(this.#text[end - 1])) end--;
      this.#pos = end;
      const token = end > this.#start ? this.#emit("text") : undefined;
      this.#pos = at;
      this.#skip();
      if (token !== undefined) return token;
      const afterMarker = at + (isTrimmed ? 4 : 2);
      if (!this.#text.startsWith("/*", afterMarker)) return this.#leftDelim(afterMarker);
      const fault = this.#comment(afterMarker);
      if (fault !== undefined) return fault;
    }
  }

  #leftDelim(afterMarker: number): Token {
    this.#pos += 2;
    const token = this.#emit("left-delim");
    this.#pos = afterMarker;
    this.#skip();
    this.#isInsideAction = true;
    this.#parenDepth = 0;
    return token;
  }

  #comment(from: number): Token | undefined {
    this.#pos = from;
    this.#skip();
    const end = this.#text.indexOf("*/", from + 2);
    if (end < 0) return this.#fail("unclosed comment");
    this.#pos = end + 2;
    const delim = this.#rightDelimAt(this.#pos);
    if (delim === undefined) return this.#fail("comment ends before closing delimiter");
    this.#pos += delim.isTrimmed ? 4 : 2;
    if (delim.isTrimmed) while (isSpace(this.#text[this.#pos])) this.#pos++;
    this.#skip();
    return undefined;
  }

  #rightDelimAt(pos: number): { readonly isTrimmed: boolean } | undefined {
    if (isSpace(this.#text[pos]) && this.#text.startsWith("-}}", pos + 1)) return { isTrimmed: true };
    return this.#text.startsWith("}}", pos) ? { isTrimmed: false } : undefined;
  }

  #rightDelim(isTrimmed: boolean): Token {
    if (isTrimmed) {
      this.#pos += 2;
      this.#skip();
    }
    this.#pos += 2;
    const token = this.#emit("right-delim");
    if (isTrimmed) {
      while (isSpace(this.#text[this.#pos])) this.#pos++;
      this.#skip();
    }
    this.#isInsideAction = false;
    return token;
  }

  #insideAction(): Token {
    const delim = this.#rightDelimAt(this.#pos);
    if (delim !== undefined) {
      return this.#parenDepth === 0 ? this.#rightDelim(delim.isTrimmed) : this.#fail("unclosed left paren");
    }
    const point = this.#peekPoint();
    if (point === END) return this.#fail("unclosed action");
    const char = String.fromCodePoint(point);
    if (isSpace(char)) return this.#space();
    const simple = this.#punctuation(char);
    if (simple !== undefined) return simple;
    if (/[-+0-9.]/.test(char)) return this.#number();
    if (ALPHANUMERIC.test(char)) return this.#word();
    this.#advance();
    if (point > 0x20 && point < 0x7f) return this.#emit("char");
    return this.#fail(`unrecognized character in action: ${describeRune(point)}`);
  }

  #punctuation(char: string): Token | undefined {
    const next = this.#text[this.#pos + 1] ?? "";
    switch (char) {
      case "=":
        return this.#take("assign");
      case "|":
        return this.#take("pipe");
      case ":":
        this.#pos += next === "=" ? 2 : 1;
        return next === "=" ? this.#emit("declare") : this.#fail("expected :=");
      case '"':
        return this.#quoted('"', "string", "unterminated quoted string");
      case "'":
        return this.#quoted("'", "char-constant", "unterminated character constant");
      case "`":
        return this.#rawQuoted();
      case "$":
        return this.#name("variable");
      case ".":
        return /[0-9]/.test(next) || next === "" ? undefined : this.#name("field");
      case "(":
        this.#parenDepth++;
        return this.#take("left-paren");
      case ")":
        this.#parenDepth--;
        return this.#parenDepth < 0 ? this.#fail("unexpected right paren") : this.#take("right-paren");
      default:
        return undefined;
    }
  }

  #take(kind: TokenKind): Token {
    this.#pos += 1;
    return this.#emit(kind);
  }

  #space(): Token {
    while (isSpace(this.#text[this.#pos])) this.#pos++;
    // The last space may belong to a trim marker.
    if (this.#text.startsWith("-}}", this.#pos)) {
      this.#pos--;
      if (this.#pos === this.#start) return this.#rightDelim(true);
    }
    return this.#emit("space");
  }

  /** Scans what follows the dot of a field or the dollar sign of a variable. */
  #name(kind: "field" | "variable"): Token {
    this.#pos += 1;
    if (this.#isAtTerminator()) return this.#emit(kind === "field" ? "." : kind);
    const fault = this.#alphanumerics();
    return fault ?? this.#emit(kind);
  }

  #alphanumerics(): Token | undefined {
    let point = this.#peekPoint();
    while (point !== END && ALPHANUMERIC.test(String.fromCodePoint(point))) {
      this.#advance();
      point = this.#peekPoint();
    }
    return this.#isAtTerminator() ? undefined : this.#fail(`bad character ${describeRune(point)}`);
  }

  #isAtTerminator(): boolean {
    const char = this.#text[this.#pos];
    if (char === undefined || isSpace(char) || ".,|:)(".includes(char)) return true;
    return this.#text.startsWith("}}", this.#pos);
  }

  #word(): Token {
    const fault = this.#alphanumerics();
    if (fault !== undefined) return fault;
    const word = this.#text.slice(this.#start, this.#pos);
    if (word === "true" || word === "false") return this.#emit("bool");
    return this.#emit(keywordOf(word) ?? "identifier");
  }

  #quoted(quote: string, kind: TokenKind, message: string): Token {
    this.#pos += 1;
    for (;;) {
      let point = this.#advance();
      if (point === 0x5c) point = this.#advance();
      else if (point === quote.charCodeAt(0)) return this.#emit(kind);
      if (point === END || point === 10) return this.#fail(message);
    }
  }

  #rawQuoted(): Token {
    const end = this.#text.indexOf("`", this.#pos + 1);
    if (end < 0) return this.#fail("unterminated raw quoted string");
    this.#pos = end + 1;
    return this.#emit("raw-string");
  }

  #number(): Token {
    if (!this.#scanNumber()) return this.#badNumber();
    const sign = this.#text[this.#pos];
    if (sign !== "+" && sign !== "-") return this.#emit("number");
    if (!this.#scanNumber() || this.#text[this.#pos - 1] !== "i") return this.#badNumber();
    return this.#emit("complex");
  }

  #badNumber(): Token {
    return this.#fail(`bad number syntax: ${quoteGo(this.#text.slice(this.#start, this.#pos))}`);
  }

  #scanNumber(): boolean {
    const rest = this.#text.slice(this.#pos, this.#pos + 400);
    const form =
      /^[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/;
    this.#pos += form.exec(rest)?.[0].length ?? 0;
    const next = this.#peekPoint();
    if (next === END || !ALPHANUMERIC.test(String.fromCodePoint(next))) return true;
    this.#advance();
    return false;
  }
}
