/** Collects bytes in one growing buffer; `take` hands them out as a copy of their own and begins anew. */
export class ByteWriter {
  #bytes = new Uint8Array(4096);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.reserve(1)[this.#length - 1] = value;
  }

  /** An unsigned integer up to 2^53 in LEB128. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** A signed integer of less than 2^52, zigzag in LEB128. */
  signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Room for so many bytes more; what it returns ends with them (the caller writes at `length − count …`). */
  reserve(count: number): Uint8Array {
    const needed = this.#length + count;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, needed));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#length = needed;
    return this.#bytes;
  }

  bytes(values: Uint8Array): void {
    const length = this.#length;
    this.reserve(values.length).set(values, length);
  }

  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }
}
