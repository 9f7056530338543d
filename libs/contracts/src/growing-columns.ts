const INITIAL_ENTRIES = 64;
const TWO_TO_32 = 0x1_0000_0000;

/** A growing column of 64-bit entries as pairs of words, the low one first. */
export class GrowingWords {
  #words = new Uint32Array(INITIAL_ENTRIES * 2);
  #length = 0;

  push(low: number, high: number): void {
    if (this.#length === this.#words.length) {
      const larger = new Uint32Array(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words[this.#length++] = low;
    this.#words[this.#length++] = high;
  }

  /** A whole number within ±2^53 in two's complement. */
  pushInt64(value: number): void {
    const high = Math.floor(value / TWO_TO_32);
    this.push(value - high * TWO_TO_32, high);
  }

  clear(): void {
    this.#length = 0;
  }

  /** A view of what was pushed, until the next push. */
  toBytes(): Uint8Array {
    return new Uint8Array(this.#words.buffer, 0, this.#length * 4);
  }
}

/** A growing column of float64. */
export class GrowingFloats {
  #values = new Float64Array(INITIAL_ENTRIES);
  length = 0;

  push(value: number): void {
    this.#reserve(1);
    this.#values[this.length++] = value;
  }

  pushAll(values: ArrayLike<number>): void {
    this.#reserve(values.length);
    this.#values.set(values, this.length);
    this.length += values.length;
  }

  clear(): void {
    this.length = 0;
  }

  /** A view of what was pushed, until the next push. */
  toBytes(): Uint8Array {
    return new Uint8Array(this.#values.buffer, 0, this.length * 8);
  }

  #reserve(entries: number): void {
    if (this.length + entries <= this.#values.length) return;
    const larger = new Float64Array(Math.max(this.#values.length * 2, this.length + entries));
    larger.set(this.#values);
    this.#values = larger;
  }
}

/** A growing column of 32-bit integers. */
export class GrowingInts {
  #values = new Int32Array(INITIAL_ENTRIES);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Int32Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  clear(): void {
    this.#length = 0;
  }

  /** A view of what was pushed, until the next push. */
  toBytes(): Uint8Array {
    return new Uint8Array(this.#values.buffer, 0, this.#length * 4);
  }
}
