/*
 * Go strings are bytes. Here they are JavaScript strings of the same text; a byte that is no part of valid UTF-8 (such
 * as half of a character after `slice`) is kept as the lone surrogate U+DC00 + byte and becomes the byte again when
 * strings are joined (`joinGoStrings`) or written.
 */
const ESCAPE = 0xdc00;
const MAY_HOLD_BYTES = /[\udc80-\udcff]/;
const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The byte that a lone surrogate stands for, or undefined for other code points. */
export function invalidByteOf(point: number): number | undefined {
  return point >= ESCAPE + 0x80 && point <= ESCAPE + 0xff ? point - ESCAPE : undefined;
}

/** The bytes of a Go string. */
export function bytesOfString(text: string): Uint8Array {
  if (!MAY_HOLD_BYTES.test(text)) return Buffer.from(text, "utf8");
  const parts: number[] = [];
  for (const char of text) {
    const byte = invalidByteOf(char.codePointAt(0) ?? 0);
    if (byte === undefined) parts.push(...Buffer.from(char, "utf8"));
    else parts.push(byte);
  }
  return Uint8Array.from(parts);
}

/** The Go string of these bytes; a byte outside valid UTF-8 is kept. */
export function stringOfBytes(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return decodeLoosely(bytes);
  }
}

function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

function decodeLoosely(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; ) {
    const length = sequenceLength(bytes[i] ?? 0);
    const decoded = length === 0 ? "\ufffd" : decoder.decode(bytes.subarray(i, i + length));
    const isWhole = length > 0 && i + length <= bytes.length && Array.from(decoded).length === 1;
    if (isWhole && (decoded !== "\ufffd" || length === 3)) {
      text += decoded;
      i += length;
    } else {
      text += String.fromCharCode(ESCAPE + (bytes[i] ?? 0));
      i += 1;
    }
  }
  return text;
}

/** Number of bytes of a Go string. */
export function byteLengthOf(text: string): number {
  return MAY_HOLD_BYTES.test(text) ? bytesOfString(text).length : Buffer.byteLength(text, "utf8");
}

/** A text in which bytes that together are valid UTF-8 have become characters again, and others U+FFFD. */
export function mendText(text: string): string {
  return MAY_HOLD_BYTES.test(text) ? decoder.decode(bytesOfString(text)) : text;
}
