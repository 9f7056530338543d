import { byteLengthOf, bytesOfString, stringOfBytes } from "../value/go-string.ts";

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 0x5c,
};
const ESCAPED = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/su;

interface Unquoted {
  /** A character, or a byte where `isByte`. */
  readonly point: number;
  readonly isByte: boolean;
  readonly length: number;
}

function unquoteEscape(text: string, quote: string): Unquoted | undefined {
  const match = ESCAPED.exec(text);
  if (match === null) return undefined;
  const length = match[0].length;
  const [, hex, short, long, octal, simple] = match;
  if (hex !== undefined) return { point: Number.parseInt(hex, 16), isByte: true, length };
  if (octal !== undefined) {
    const byte = Number.parseInt(octal, 8);
    return byte > 255 ? undefined : { point: byte, isByte: true, length };
  }
  const unicode = short ?? long;
  if (unicode !== undefined) {
    const point = Number.parseInt(unicode, 16);
    return point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? undefined : { point, isByte: false, length };
  }
  if (simple === quote) return { point: quote.charCodeAt(0), isByte: false, length };
  const point = SIMPLE[simple ?? ""];
  return point === undefined ? undefined : { point, isByte: false, length };
}

function unquoteOne(text: string, quote: string): Unquoted | undefined {
  if (text.startsWith("\\")) return unquoteEscape(text, quote);
  const point = text.codePointAt(0);
  if (point === undefined || text.startsWith(quote)) return undefined;
  return { point, isByte: false, length: point > 0xffff ? 2 : 1 };
}

/** The text of a Go string literal in double or back quotes; undefined where it is none. */
export function unquoteString(literal: string): string | undefined {
  const inner = literal.slice(1, -1);
  if (literal.startsWith("`")) return inner.replaceAll("\r", "");
  if (!inner.includes("\\")) return inner;
  const bytes: number[] = [];
  for (let rest = inner; rest !== ""; ) {
    const one = unquoteOne(rest, '"');
    if (one === undefined) return undefined;
    if (one.isByte) bytes.push(one.point);
    else for (const byte of bytesOfString(String.fromCodePoint(one.point))) bytes.push(byte);
    rest = rest.slice(one.length);
  }
  return stringOfBytes(Uint8Array.from(bytes));
}

/** The code point of a Go character literal; "malformed" where more follows the character, undefined where it is none. */
export function unquoteRune(literal: string): number | "malformed" | undefined {
  const one = unquoteOne(literal.slice(1), "'");
  if (one === undefined) return undefined;
  return literal.slice(1 + one.length) === "'" && byteLengthOf(literal) > 2 ? one.point : "malformed";
}
