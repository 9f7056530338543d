import type { JsonPiece } from "./envelope.ts";

/** Chunks are at least that long, but for the last. */
const CHUNK_BYTES = 128 * 1024;

/** Joins pieces of JSON into chunks of about 128 kB, each in memory of its own; larger pieces stay whole. */
export class JsonChunks {
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #text = "";

  /** Gives a chunk when enough has come. */
  add(piece: JsonPiece): Buffer | undefined {
    if (typeof piece === "string") this.#text += piece;
    else {
      this.#keepText();
      this.#keep(piece);
    }
    return this.#bytes + this.#text.length >= CHUNK_BYTES ? this.#take() : undefined;
  }

  /** What is left, if anything. */
  rest(): Buffer | undefined {
    return this.#bytes + this.#text.length > 0 ? this.#take() : undefined;
  }

  #keepText(): void {
    if (this.#text !== "") this.#keep(Buffer.from(this.#text));
    this.#text = "";
  }

  #keep(part: Uint8Array): void {
    this.#parts.push(part);
    this.#bytes += part.length;
  }

  #take(): Buffer {
    this.#keepText();
    // Not from Node's pool, whose memory cannot be handed to another thread.
    const chunk = Buffer.from(new ArrayBuffer(this.#bytes));
    let at = 0;
    for (const part of this.#parts) {
      chunk.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#bytes = 0;
    return chunk;
  }
}
