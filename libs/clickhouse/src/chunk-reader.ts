import { AppError } from "@monotreme/errors";

/**
 * Reads a stream of byte chunks as one sequence. The `try` methods are synchronous and answer undefined where the bytes
 * at hand end too early; the caller then awaits `more` and tries again, so that only chunk borders cost a promise.
 */
export class ChunkReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Whether another byte follows. */
  async hasMore(): Promise<boolean> {
    while (this.#at === this.#buffer.length) {
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      this.#buffer = asBuffer(next.value);
      this.#at = 0;
    }
    return true;
  }

  /** Appends the next chunk; throws where the stream ends instead. */
  async more(): Promise<void> {
    const chunk = await this.#nextChunk();
    const rest = this.#buffer.subarray(this.#at);
    this.#buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    this.#at = 0;
  }

  /** An unsigned LEB128 number up to 2^53. */
  tryVarint(): number | undefined {
    let value = 0;
    let scale = 1;
    for (let at = this.#at; at < this.#buffer.length; at++) {
      const byte = this.#buffer[at] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        this.#at = at + 1;
        return value;
      }
      scale *= 0x80;
      if (scale > Number.MAX_SAFE_INTEGER) throw unreadable("a number is too large");
    }
    return undefined;
  }

  /** A string after its length as a varint; undefined leaves the position as it was. */
  tryText(): string | undefined {
    const start = this.#at;
    const length = this.tryVarint();
    if (length === undefined) return undefined;
    const end = this.#at + length;
    if (length > MAX_STRING_BYTES) throw unreadable("a string is too long");
    if (end > this.#buffer.length) {
      this.#at = start;
      return undefined;
    }
    const text = this.#buffer.toString("utf8", this.#at, end);
    this.#at = end;
    return text;
  }

  async varint(): Promise<number> {
    for (;;) {
      const value = this.tryVarint();
      if (value !== undefined) return value;
      await this.more();
    }
  }

  /** The length that stands before a string. */
  async stringLength(): Promise<number> {
    const length = await this.varint();
    if (length > MAX_STRING_BYTES) throw unreadable("a string is too long");
    return length;
  }

  async text(): Promise<string> {
    for (;;) {
      const value = this.tryText();
      if (value !== undefined) return value;
      await this.more();
    }
  }

  /** Fills `target` with the next bytes; each is copied once, from its chunk to its place. */
  async readInto(target: Uint8Array): Promise<void> {
    let filled = 0;
    for (;;) {
      const part = this.#buffer.subarray(this.#at, this.#at + target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.#at += part.length;
      if (filled === target.length) return;
      this.#buffer = await this.#nextChunk();
      this.#at = 0;
    }
  }

  async #nextChunk(): Promise<Buffer> {
    const next = await this.#chunks.next();
    if (next.done === true) throw cutShort();
    return asBuffer(next.value);
  }
}

const MAX_STRING_BYTES = 64 * 1024 * 1024;

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The answer of a server that does not follow the format. */
export function unreadable(reason: string): AppError {
  return new AppError("CLICKHOUSE_ANSWER_UNREADABLE", "internal", `ClickHouse's answer is not readable: ${reason}`);
}

function cutShort(): AppError {
  return new AppError("CLICKHOUSE_UNAVAILABLE", "unavailable", "ClickHouse ended its answer before it was complete");
}
