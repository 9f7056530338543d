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
  let text = "";
  /** Bytes of escapes that follow each other: only together they are characters. */
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length > 0) text += Buffer.from(bytes).toString("utf8");
    bytes = [];
  };
  for (let at = 0; at < body.length; ) {
    const backslash = body.indexOf("\\", at);
    const plainEnd = backslash < 0 ? body.length : backslash;
    if (plainEnd > at) {
      flush();
      text += body.slice(at, plainEnd);
    }
    if (backslash < 0) break;
    const escape = readEscape(body, backslash + 1, quote);
    if (escape === undefined) return undefined;
    if (escape.isByte) bytes.push(escape.code);
    else {
      flush();
      text += String.fromCodePoint(escape.code);
    }
    at = backslash + 1 + escape.length;
  }
  flush();
  return text;
}

interface Escape {
  readonly code: number;
  /** A byte of UTF-8 instead of a character. */
  readonly isByte: boolean;
  /** Characters after the backslash. */
  readonly length: number;
}

function readEscape(body: string, at: number, quote: string | undefined): Escape | undefined {
  const letter = body[at];
  if (letter === undefined) return undefined;
  const simple = letter === quote ? letter.charCodeAt(0) : SIMPLE_ESCAPES[letter];
  if (simple !== undefined) return { code: simple, isByte: false, length: 1 };
  const hexLength = HEX_LENGTHS[letter];
  if (hexLength !== undefined) return readHexEscape(body.slice(at + 1, at + 1 + hexLength), hexLength);
  const octal = /^[0-7]{3}/.exec(body.slice(at, at + 3));
  if (octal === null) return undefined;
  const code = Number.parseInt(octal[0], 8);
  return code > 255 ? undefined : { code, isByte: true, length: 3 };
}

function readHexEscape(digits: string, hexLength: number): Escape | undefined {
  if (digits.length !== hexLength || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
  const code = Number.parseInt(digits, 16);
  const isByte = hexLength === 2;
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  if (code > 0x10ffff || (!isByte && isSurrogate)) return undefined;
  return { code, isByte, length: hexLength + 1 };
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

/** Long texts are cut in messages, so that a hostile query is not echoed whole. */
const MAX_SHOWN = 100;

/** As {@link quoteGo}, for a message: at most so many characters, then `…`. */
export function quoteShort(text: string): string {
  return text.length <= MAX_SHOWN ? quoteGo(text) : `${quoteGo(text.slice(0, MAX_SHOWN))}…`;
}
