/**
 * Go's escapes in quoted text. Strings are UTF-16 here, so a byte escape (`\xc3`) that is no part of valid UTF-8 becomes
 * U+FFFD, as Go's JSON encoder writes it.
 */
const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
};

/** Digits after `\x`, `\u` and `\U`. */
const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** The content of a literal with its quotes (`"…"`, `'…'` or a raw `` `…` ``); undefined where an escape is none. */
export function unquoteGo(literal: string): string | undefined {
  const quote = literal[0];
  const body = literal.slice(1, -1);
  if (quote === "`" || !body.includes("\\")) return body;
  const bytes: number[] = [];
  const parts: Buffer[] = [];
  let plainFrom = 0;
  for (let i = body.indexOf("\\"); i >= 0; i = body.indexOf("\\", plainFrom)) {
    parts.push(Buffer.from(bytes.splice(0)), Buffer.from(body.slice(plainFrom, i), "utf8"));
    const escape = readEscape(body, i + 1, quote);
    if (escape === undefined) return undefined;
    parts.push(escape.bytes);
    plainFrom = i + 1 + escape.length;
  }
  parts.push(Buffer.from(body.slice(plainFrom), "utf8"));
  return Buffer.concat(parts).toString("utf8");
}

interface Escape {
  readonly bytes: Buffer;
  /** Characters after the backslash. */
  readonly length: number;
}

function readEscape(body: string, at: number, quote: string | undefined): Escape | undefined {
  const letter = body[at];
  if (letter === undefined) return undefined;
  if (letter === quote) return { bytes: Buffer.from(letter), length: 1 };
  const simple = SIMPLE_ESCAPES[letter];
  if (simple !== undefined) return { bytes: Buffer.from([simple]), length: 1 };
  const hexLength = HEX_LENGTHS[letter];
  if (hexLength !== undefined) return readHexEscape(body.slice(at + 1, at + 1 + hexLength), hexLength);
  const octal = /^[0-7]{3}/.exec(body.slice(at, at + 3));
  if (octal === null) return undefined;
  const value = Number.parseInt(octal[0], 8);
  return value > 255 ? undefined : { bytes: Buffer.from([value]), length: 3 };
}

function readHexEscape(digits: string, hexLength: number): Escape | undefined {
  if (digits.length !== hexLength || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
  const value = Number.parseInt(digits, 16);
  const length = hexLength + 1;
  if (hexLength === 2) return { bytes: Buffer.from([value]), length };
  const isSurrogate = value >= 0xd800 && value <= 0xdfff;
  return value > 0x10ffff || isSurrogate ? undefined : { bytes: Buffer.from(String.fromCodePoint(value)), length };
}

/** A string in double quotes as Go's `%q` writes it; printable characters beyond ASCII stay as they are. */
export function quoteGo(text: string): string {
  let quoted = '"';
  for (const character of text) quoted += escapeCharacter(character);
  return `${quoted}"`;
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** Control, format, private-use and unassigned characters, lone surrogates, and every space but U+0020. */
const UNPRINTABLE = /[\p{C}\p{Z}]/u;

function escapeCharacter(character: string): string {
  const named = NAMED_ESCAPES[character];
  if (named !== undefined) return named;
  if (character === " " || !UNPRINTABLE.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code >= 0xd800 && code <= 0xdfff) return "\ufffd";
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
