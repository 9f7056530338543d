import { AppError } from "@monotreme/errors";

/** Reads what `ByteWriter` wrote; throws BLOCK_CHUNK_UNREADABLE instead of reading past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, from = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = end;
  }

  byte(): number {
    if (this.#at >= this.#end) throw unreadableChunk("it ends too early");
    return this.#bytes[this.#at++]!;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 0x80;
      if (scale > Number.MAX_SAFE_INTEGER) throw unreadableChunk("a number is too large");
    }
    return value;
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Where the next so many bytes begin; they are passed over. */
  skip(count: number): number {
    const from = this.#at;
    if (count > this.#end - from) throw unreadableChunk("it ends too early");
    this.#at = from + count;
    return from;
  }
}

/** Bytes that are no chunk: damaged, or of a newer version. */
export function unreadableChunk(reason: string): AppError {
  return new AppError("BLOCK_CHUNK_UNREADABLE", "internal", `a chunk of a block is not readable: ${reason}`);
}
