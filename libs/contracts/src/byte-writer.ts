/** A growing buffer for the variable-length sections of a batch: unsigned 32-bit words and length-prefixed UTF-8. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A copy of what was written so far. */
  toBytes(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#buffer, 0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  word(value: number): void {
    this.#reserve(4);
    this.#buffer.writeUInt32LE(value >>> 0, this.#length);
    this.#length += 4;
  }

  text(value: string): void {
    // 3 bytes a UTF-16 unit is the most that UTF-8 takes.
    this.#reserve(4 + value.length * 3);
    const written = this.#buffer.write(value, this.#length + 4);
    this.#buffer.writeUInt32LE(written, this.#length);
    this.#length += 4 + written;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

/** Reads what {@link ByteWriter} wrote; calls `onShort` (which must throw) where the bytes end too early. */
export class ByteReader {
  readonly #bytes: Buffer;
  readonly #onShort: () => never;
  #at = 0;

  constructor(bytes: Uint8Array, onShort: () => never) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#onShort = onShort;
  }

  word(): number {
    if (this.#at + 4 > this.#bytes.length) this.#onShort();
    const value = this.#bytes.readUInt32LE(this.#at);
    this.#at += 4;
    return value;
  }

  text(): string {
    const length = this.word();
    if (this.#at + length > this.#bytes.length) this.#onShort();
    const value = this.#bytes.toString("utf8", this.#at, this.#at + length);
    this.#at += length;
    return value;
  }

  skip(bytes: number): void {
    this.#at += bytes;
    if (this.#at > this.#bytes.length) this.#onShort();
  }
}
