import { quoteGo } from "../fmt/quote.ts";
import { isPrintable } from "../fmt/printable.ts";

/** The kinds of tokens within a template; keywords are a kind of their own each, spelled as in the text. */
export type TokenKind =
  | "error"
  | "bool"
  | "char"
  | "char-constant"
  | "complex"
  | "assign"
  | "declare"
  | "eof"
  | "field"
  | "identifier"
  | "left-delim"
  | "left-paren"
  | "number"
  | "pipe"
  | "raw-string"
  | "right-delim"
  | "right-paren"
  | "space"
  | "string"
  | "text"
  | "variable"
  | Keyword;

export type Keyword =
  | "."
  | "block"
  | "break"
  | "continue"
  | "define"
  | "else"
  | "end"
  | "if"
  | "nil"
  | "range"
  | "template"
  | "with";

export interface Token {
  readonly kind: TokenKind;
  readonly pos: number;
  readonly text: string;
  readonly line: number;
}

const KEYWORDS: ReadonlyMap<string, Keyword> = new Map(
  (["block", "break", "continue", "define", "else", "end", "if", "nil", "range", "template", "with"] as const).map(
    (word) => [word, word],
  ),
);

/** The keyword that a word is, if it is one. */
export function keywordOf(word: string): Keyword | undefined {
  return KEYWORDS.get(word);
}

/** A token as error messages show it. */
export function describeToken(token: Token): string {
  if (token.kind === "eof") return "EOF";
  if (token.kind === "error") return token.text;
  if (token.kind === "." || KEYWORDS.has(token.kind)) return `<${token.text}>`;
  const points = Array.from(token.text);
  return Buffer.byteLength(token.text) > 10 ? `${quoteGo(points.slice(0, 10).join(""))}...` : quoteGo(token.text);
}

/** A character in Go's `%#U` form: `U+0041 'A'`. */
export function describeRune(point: number): string {
  if (point < 0) return "U+FFFFFFFFFFFFFFFF";
  const code = `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
  return isPrintable(point) ? `${code} '${String.fromCodePoint(point)}'` : code;
}
