const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["\\", "\\"],
  ['"', '"'],
]);

/** One unit of a quoted text: an escape by kind, or a character that stands for itself. */
const UNIT = /\\(?:([abfnrtv\\"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|([^\\"\n])/suy;

/**
 * The text that a double-quoted Go string literal stands for, or undefined where it is none or its bytes are not
 * UTF-8.
 */
export function unquoteGoString(literal: string): string | undefined {
  if (literal.length < 2 || !literal.startsWith('"') || !literal.endsWith('"')) return undefined;
  const parts: Buffer[] = [];
  UNIT.lastIndex = 1;
  while (UNIT.lastIndex < literal.length - 1) {
    const unit = UNIT.exec(literal);
    const bytes = unit === null ? undefined : bytesOfUnit(unit);
    if (bytes === undefined) return undefined;
    parts.push(bytes);
  }
  // An escape may not reach over the closing quote.
  if (UNIT.lastIndex !== literal.length - 1) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts));
  } catch {
    return undefined;
  }
}

function bytesOfUnit(unit: RegExpExecArray): Buffer | undefined {
  const [, simple, hex, octal, short, long, plain] = unit;
  if (plain !== undefined) return /^\p{Surrogate}$/u.test(plain) ? undefined : Buffer.from(plain);
  if (simple !== undefined) return Buffer.from(SIMPLE_ESCAPES.get(simple) ?? simple);
  if (hex !== undefined) return Buffer.of(Number.parseInt(hex, 16));
  if (octal !== undefined) {
    const byte = Number.parseInt(octal, 8);
    return byte > 255 ? undefined : Buffer.of(byte);
  }
  const codePoint = Number.parseInt(short ?? long ?? "", 16);
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  return codePoint > 0x10ffff || isSurrogate ? undefined : Buffer.from(String.fromCodePoint(codePoint));
}

const QUOTED_ESCAPES: ReadonlyMap<string, string> = new Map(
  [...SIMPLE_ESCAPES].map(([letter, character]) => [character, `\\${letter}`]),
);
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** A text as Go's `%q` prints it; {@link unquoteGoString} reads it back. */
export function quoteGoString(text: string): string {
  let quoted = '"';
  for (const character of text) quoted += QUOTED_ESCAPES.get(character) ?? escapeCharacter(character);
  return `${quoted}"`;
}

function escapeCharacter(character: string): string {
  if (PRINTABLE.test(character)) return character;
  const codePoint = character.codePointAt(0) ?? 0;
  const hex = codePoint.toString(16);
  if (codePoint < 0x80) return `\\x${hex.padStart(2, "0")}`;
  return codePoint <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
