import { isUtf8 } from "node:buffer";
import { type ExpositionError, expositionErrorAt } from "./exposition-error.ts";

/** The bytes that the formats give a meaning. */
export const BYTE = {
  tab: 9,
  newline: 10,
  space: 32,
  quote: 34,
  hash: 35,
  comma: 44,
  equals: 61,
  backslash: 92,
  braceOpen: 123,
  braceClose: 125,
} as const;

/** Classes of bytes, as bits of {@link BYTE_CLASS}: letters and `_`, the colon of metric names, digits. */
export const LABEL_START = 1;
export const METRIC_START = 2;
export const DIGIT = 4;

export const BYTE_CLASS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  if (/[a-zA-Z_]/.test(char)) return LABEL_START;
  if (char === ":") return METRIC_START;
  return /[0-9]/.test(char) ? DIGIT : 0;
});

/** Texts cut from a window keep it in memory, so it is small. */
const WINDOW_BYTES = 512;

/** Walks over a body's bytes; a fault is thrown as {@link ExpositionError} with its line. Never reads past the end. */
export class ByteCursor {
  position = 0;
  readonly body: Buffer;
  readonly end: number;
  /** Whether blanks may stand between tokens and newlines inside quotes: so in the text format, not in OpenMetrics. */
  readonly #isLenient: boolean;

  /** A decoded stretch of the body, from which short texts are cut. */
  #window = "";
  #windowStart = 0;

  constructor(body: Buffer, isLenient: boolean) {
    this.body = body;
    this.end = body.length;
    this.#isLenient = isLenient;
  }

  /** Moves over spaces and tabs where the format allows them; returns how many. */
  skipBlanks(): number {
    if (!this.#isLenient) return 0;
    const start = this.position;
    for (let byte = this.peek(); byte === BYTE.space || byte === BYTE.tab; byte = this.peek()) this.position++;
    return this.position - start;
  }

  startsWith(text: string): boolean {
    const { position } = this;
    return this.body.toString("latin1", position, Math.min(position + text.length, this.end)) === text;
  }

  /** Moves over the byte if it is the next one. */
  take(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.position++;
    return true;
  }

  expect(byte: number, problem: string): void {
    if (!this.take(byte)) throw this.error(problem);
  }

  /** The byte at the position, 0 at the end. */
  peek(): number {
    return this.position < this.end ? (this.body[this.position] as number) : 0;
  }

  error(problem: string, offset = this.position): ExpositionError {
    return expositionErrorAt(this.body, offset, problem);
  }

  /** Where the newline of this line is, or the end of the body. */
  lineEnd(): number {
    const at = this.body.indexOf(BYTE.newline, this.position);
    return at < 0 ? this.end : at;
  }

  /** Moves over a name of bytes of the class `chars` that starts with one of the class `first`. */
  scanName(chars: number, first: number, problem: string): void {
    if (this.position >= this.end || ((BYTE_CLASS[this.peek()] as number) & first) === 0) throw this.error(problem);
    let p = this.position + 1;
    while (p < this.end && ((BYTE_CLASS[this.body[p] as number] as number) & chars) !== 0) p++;
    this.position = p;
  }

  /** A quoted text with `\\`, `\"` and `\n` undone; any other backslash stays as it is. */
  readQuoted(): string {
    const start = this.position + 1;
    let hasEscape = false;
    let seen = 0;
    let p = start;
    for (; ; p++) {
      const byte = p < this.end ? this.body[p] : undefined;
      if (byte === BYTE.quote) break;
      seen |= byte ?? 0;
      if (byte === BYTE.backslash) {
        hasEscape = true;
        seen |= this.body[++p] ?? 0;
        if (this.body[p] === BYTE.newline) throw this.error("expected no line end after a backslash", p);
      } else if (byte === undefined || (byte === BYTE.newline && !this.#isLenient)) {
        throw this.error("expected a closing quote to this one", start - 1);
      }
    }
    this.position = p + 1;
    const text = seen < 0x80 ? this.ascii(start, p) : this.decode(start, p);
    return hasEscape ? unescapeQuoted(text) : text;
  }

  /** The text of a range that is known to be ASCII. */
  ascii(start: number, end: number): string {
    // One call into native code for many short texts: a first scrape takes half the time.
    if (start < this.#windowStart || end > this.#windowStart + this.#window.length) {
      this.#windowStart = start;
      this.#window = this.body.toString("latin1", start, Math.max(end, Math.min(this.end, start + WINDOW_BYTES)));
    }
    return this.#window.slice(start - this.#windowStart, end - this.#windowStart);
  }

  /** The text of a range, which has to be valid UTF-8. */
  decode(start: number, end: number): string {
    if (!isUtf8(this.body.subarray(start, end))) throw this.error("expected valid UTF-8", start);
    return this.body.toString("utf8", start, end);
  }
}

/** Undoes the escapes of quoted texts: `\\`, `\"` and `\n`. */
export function unescapeQuoted(text: string): string {
  return text.replace(/\\([\\"n])/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}
