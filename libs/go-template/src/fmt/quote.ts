import { invalidByteOf } from "../value/go-string.ts";
import { isPrintable } from "./printable.ts";

const SHORT: ReadonlyMap<number, string> = new Map([
  [0x07, "\\a"],
  [0x08, "\\b"],
  [0x0c, "\\f"],
  [0x0a, "\\n"],
  [0x0d, "\\r"],
  [0x09, "\\t"],
  [0x0b, "\\v"],
  [0x5c, "\\\\"],
]);

function escapePoint(point: number, quote: string, isAsciiOnly: boolean): string {
  const char = String.fromCodePoint(point);
  if (char === quote) return `\\${quote}`;
  const short = SHORT.get(point);
  if (short !== undefined) return short;
  const byte = invalidByteOf(point);
  if (byte !== undefined) return `\\x${byte.toString(16).padStart(2, "0")}`;
  if (isPrintable(point) && (!isAsciiOnly || point < 0x80)) return char;
  if (point < 0x20 || point === 0x7f) return `\\x${point.toString(16).padStart(2, "0")}`;
  if (point > 0xffff) return `\\U${point.toString(16).padStart(8, "0")}`;
  return `\\u${(point >= 0xd800 && point <= 0xdfff ? 0xfffd : point).toString(16).padStart(4, "0")}`;
}

/** A string in double quotes with Go's escapes (`strconv.Quote`, or `QuoteToASCII`). */
export function quoteGo(text: string, isAsciiOnly = false): string {
  let quoted = '"';
  for (const char of text) quoted += escapePoint(char.codePointAt(0) ?? 0, '"', isAsciiOnly);
  return `${quoted}"`;
}

/** A character in single quotes with Go's escapes (`strconv.QuoteRune`). */
export function quoteRune(point: number, isAsciiOnly = false): string {
  const valid = point >= 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff) ? point : 0xfffd;
  return `'${escapePoint(valid, "'", isAsciiOnly)}'`;
}

/** Whether a string can be written between back quotes without change (`strconv.CanBackquote`). */
export function canBackquote(text: string): boolean {
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    if (point === 0xfeff || invalidByteOf(point) !== undefined) return false;
    if ((point < 0x20 && point !== 0x09) || point === 0x60 || point === 0x7f) return false;
  }
  return true;
}
