import type { Readable, Transform } from "node:stream";
import { formatSizeBytes } from "@monotreme/prometheus-config";
import { ScrapeError } from "./scrape-errors.ts";

const SMALLEST_BUFFER = 4096;
/** A kept body may waste this share of its buffer. */
const MAX_SLACK = 0.125;

/** Reads a body into one buffer and stops the stream as soon as it is longer than allowed. */
export class BodyCollector {
  readonly #maxBytes: number;
  #buffer: Buffer;
  #length = 0;

  /** `expectedBytes` saves copies where the body is about as long. */
  constructor(maxBytes: number, expectedBytes: number) {
    this.#maxBytes = maxBytes;
    // A bit more than expected, because bodies grow with their numbers; never more than allowed.
    const hint = Number.isFinite(expectedBytes) ? Math.ceil(expectedBytes * 1.03) : 0;
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(SMALLEST_BUFFER, Math.min(hint, maxBytes)));
  }

  /** The whole body, decompressed by the transform if there is one. Throws `ScrapeError` above the limit. */
  async collect(response: Readable, decompress: Transform | undefined): Promise<Buffer> {
    const stream = decompress === undefined ? response : pipeWithErrors(response, decompress);
    try {
      for await (const chunk of stream) this.#append(chunk as Buffer);
    } finally {
      // Ends an endless body; after a whole one it does nothing.
      response.destroy();
      decompress?.destroy();
    }
    return this.#trimmed();
  }

  #append(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#maxBytes) {
      throw new ScrapeError("body-size", `body size limit exceeded: more than ${formatSizeBytes(this.#maxBytes)}`);
    }
    if (length > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.#maxBytes, Math.max(length, this.#buffer.length * 2)));
      this.#buffer.copy(grown, 0, 0, this.#length);
      this.#buffer = grown;
    }
    chunk.copy(this.#buffer, this.#length);
    this.#length = length;
  }

  /** The parser keeps the body until the next scrape, so slack is memory lost. */
  #trimmed(): Buffer {
    const body = this.#buffer.subarray(0, this.#length);
    if (this.#buffer.length - this.#length <= this.#buffer.length * MAX_SLACK) return body;
    const exact = Buffer.allocUnsafeSlow(this.#length);
    body.copy(exact);
    return exact;
  }
}

/** A broken connection has to end the decompressed stream as well. */
function pipeWithErrors(from: Readable, to: Transform): Transform {
  from.once("error", (error) => to.destroy(error));
  from.once("aborted", () => to.destroy(new Error("the target closed the connection before the end")));
  return from.pipe(to);
}
