import { formatFloat } from "@monotreme/model";

const QUOTE = 0x22;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** The longest text of a float in the API's form (`-0.0000012345678901234567`), with room to spare. */
const LONGEST_FLOAT = 32;
/** Decimals of this size or less have one text of at most 15 digits, which is therefore the shortest one. */
const LARGEST_EXACT = 1e15;
/** Longer texts are left to the runtime's own encoder. */
const LONGEST_LOOPED_TEXT = 64;

/**
 * Bytes of JSON in the making; grows as needed. Measured with 3.3 M samples: 0.6 s instead of 2.1 s for joined strings, because
 * whole numbers and decimals of up to three places, which most samples are, get their digits without a string between.
 */
export class JsonBytes {
  readonly #capacity: number;
  #bytes: Buffer;
  #length = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Any text, as UTF-8. */
  text(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    // Calls into the runtime cost more than copying so few bytes.
    for (let i = 0; i < bytes.length; i++) this.#bytes[this.#length++] = bytes[i] ?? 0;
  }

  /** A float in quotes. */
  quotedFloat(value: number): void {
    this.#reserve(LONGEST_FLOAT);
    this.#bytes[this.#length++] = QUOTE;
    const thousandths = Math.round(value * 1000);
    if (thousandths / 1000 === value && Math.abs(thousandths) < LARGEST_EXACT && !Object.is(value, -0)) {
      this.#decimal(thousandths);
    } else {
      this.#ascii(formatFloat(value));
    }
    this.#bytes[this.#length++] = QUOTE;
  }

  /** Gives what was written and starts anew. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafe(this.#capacity);
    this.#length = 0;
    return taken;
  }

  /** Writes thousandths as a decimal without trailing zeros. */
  #decimal(thousandths: number): void {
    let rest = thousandths;
    if (rest < 0) {
      this.#bytes[this.#length++] = MINUS;
      rest = -rest;
    }
    const whole = Math.floor(rest / 1000);
    this.#digits(whole, 1);
    let fraction = rest - whole * 1000;
    if (fraction === 0) return;
    this.#bytes[this.#length++] = POINT;
    let places = 3;
    while (fraction % 10 === 0) {
      fraction /= 10;
      places--;
    }
    this.#digits(fraction, places);
  }

  /** A whole number with at least so many digits. */
  #digits(number: number, least: number): void {
    let count = 1;
    for (let limit = 10; limit <= number; limit *= 10) count++;
    if (count < least) count = least;
    let rest = number;
    for (let at = this.#length + count - 1; at >= this.#length; at--) {
      const next = Math.floor(rest / 10);
      this.#bytes[at] = ZERO + (rest - next * 10);
      rest = next;
    }
    this.#length += count;
  }

  #ascii(text: string): void {
    if (text.length > LONGEST_LOOPED_TEXT) return this.text(text);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + bytes));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
