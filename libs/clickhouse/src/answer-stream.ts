import type { Readable } from "node:stream";
import { AppError } from "@monotreme/errors";
import { exceptionInTail } from "./translate-error.ts";

/** Enough for any exception that follows an answer's bytes. */
const TAIL_BYTES = 32 * 1024;

export interface AnswerStreamOptions {
  readonly signal: AbortSignal | undefined;
  readonly maxBytes: number;
  readonly exceptionTag: string | undefined;
}

/**
 * The body of an answer as chunks. Counts the bytes, closes the connection when the reader leaves, the signal fires or
 * there are too many, and finds the exception that a server appends where it breaks off an answer.
 */
export class AnswerStream implements AsyncIterable<Uint8Array> {
  readonly #stream: Readable;
  readonly #options: AnswerStreamOptions;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #receivedBytes = 0;

  constructor(stream: Readable, options: AnswerStreamOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const { signal, maxBytes } = this.#options;
    const onAbort = (): void => {
      this.#stream.destroy();
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      signal?.throwIfAborted();
      for await (const chunk of this.#stream as AsyncIterable<Buffer>) {
        this.#receivedBytes += chunk.length;
        if (this.#receivedBytes > maxBytes) throw tooLarge(maxBytes);
        this.#remember(chunk);
        yield chunk;
      }
      signal?.throwIfAborted();
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#appendedException() ?? error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#stream.destroy();
    }
  }

  /** A reader that met bytes it cannot decode asks here whether they are the beginning of an exception. */
  async exceptionBehind(chunks: AsyncIterator<Uint8Array>): Promise<Error | undefined> {
    if (this.#options.exceptionTag === undefined) return undefined;
    try {
      for (let left = TAIL_BYTES; left > 0; ) {
        const next = await chunks.next();
        if (next.done === true) break;
        left -= next.value.length;
      }
    } catch (error) {
      if (error instanceof AppError) return error;
    }
    return this.#appendedException();
  }

  #appendedException(): Error | undefined {
    const { exceptionTag } = this.#options;
    return exceptionTag === undefined ? undefined : exceptionInTail(Buffer.concat(this.#tail), exceptionTag);
  }

  #remember(chunk: Buffer): void {
    this.#tail.push(chunk);
    this.#tailBytes += chunk.length;
    for (let first = this.#tail[0]; first !== undefined && this.#tailBytes - first.length > TAIL_BYTES; ) {
      this.#tail.shift();
      this.#tailBytes -= first.length;
      first = this.#tail[0];
    }
  }
}

function tooLarge(maxBytes: number): AppError {
  return new AppError("CLICKHOUSE_ANSWER_TOO_LARGE", "limit", `ClickHouse's answer is larger than ${maxBytes} bytes`);
}
