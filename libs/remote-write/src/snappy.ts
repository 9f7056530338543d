import snappyjs from "snappyjs";
import { BadSnappyError, WriteRequestTooLargeError } from "./remote-write-error.ts";

/** What one request may hold when it is uncompressed; Prometheus' receiver has the same limit. */
export const MAX_UNCOMPRESSED_BYTES = 32 * 1024 * 1024;

/** Copies go word by word and may write up to this far past the end of what they mean to write. */
const SLACK_BYTES = 16;
/** A buffer that one large request made is given back; ordinary requests (about 0.5 MB) keep reusing theirs. */
const KEPT_BYTES = 4 * 1024 * 1024;
/** From here on the engine's own memory copy is faster than a loop of words. */
const LONG_LITERAL_BYTES = 256;

/**
 * Reads snappy blocks (google/snappy format_description.txt) into a buffer of its own that it uses again, so what
 * `uncompress` returns is valid until the next call. Every length and offset is checked before a byte is copied:
 * snappyjs hangs on a literal length above 2^31 and leaves the end unwritten where a block is too short.
 */
export class SnappyReader {
  readonly #maxBytes: number;
  #output = new Uint8Array(64 * 1024);
  #outputView = viewOf(this.#output);

  constructor(maxBytes: number = MAX_UNCOMPRESSED_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** The uncompressed bytes, valid until the next call; throws RemoteWriteError and then holds nothing. */
  uncompress(input: Uint8Array): Uint8Array {
    const { length, bodyAt } = readPreamble(input);
    if (length > this.#maxBytes) {
      throw new WriteRequestTooLargeError(`${length} bytes uncompressed, ${this.#maxBytes} are allowed`);
    }
    // 64 bytes of output for 3 of input is the most that copies make; do not allocate for a claim beyond that.
    if (length > (input.length - bodyAt) * 22) throw new BadSnappyError("its length cannot be true");
    this.#fit(length);
    this.#expand(input, bodyAt, length);
    return this.#output.subarray(0, length);
  }

  #fit(length: number): void {
    const capacity = this.#output.length - SLACK_BYTES;
    if (length <= capacity && (capacity <= KEPT_BYTES || length > KEPT_BYTES)) return;
    this.#output = new Uint8Array(Math.max(length * (length > KEPT_BYTES ? 1 : 2), 64 * 1024) + SLACK_BYTES);
    this.#outputView = viewOf(this.#output);
  }

  #expand(input: Uint8Array, bodyAt: number, length: number): void {
    const inputView = viewOf(input);
    const output = this.#output;
    const outputView = this.#outputView;
    const end = input.length;
    let from = bodyAt;
    let to = 0;
    while (from < end) {
      const tag = input[from++] as number;
      let size: number;
      let offset: number;
      if ((tag & 3) === 0) {
        size = (tag >>> 2) + 1;
        if (size > 60) {
          const sizeBytes = size - 60;
          if (from + sizeBytes > end) throw new BadSnappyError("cut short in a literal's length");
          size = readLittleEndian(input, from, sizeBytes) + 1;
          from += sizeBytes;
        }
        if (size > end - from || size > length - to) throw new BadSnappyError("a literal is longer than the rest");
        if (size <= 16 && from + 16 <= end) {
          // Most literals are short: four words, whatever of them is needed. The slack takes the rest.
          outputView.setInt32(to, inputView.getInt32(from, true), true);
          outputView.setInt32(to + 4, inputView.getInt32(from + 4, true), true);
          outputView.setInt32(to + 8, inputView.getInt32(from + 8, true), true);
          outputView.setInt32(to + 12, inputView.getInt32(from + 12, true), true);
        } else if (size >= LONG_LITERAL_BYTES) {
          output.set(input.subarray(from, from + size), to);
        } else {
          for (let i = 0; i < size; i++) output[to + i] = input[from + i] as number;
        }
        from += size;
        to += size;
        continue;
      }
      if ((tag & 3) === 1) {
        if (from >= end) throw new BadSnappyError("cut short in a copy");
        size = ((tag >>> 2) & 7) + 4;
        offset = ((tag >>> 5) << 8) | (input[from++] as number);
      } else {
        const offsetBytes = (tag & 3) === 2 ? 2 : 4;
        if (from + offsetBytes > end) throw new BadSnappyError("cut short in a copy");
        size = (tag >>> 2) + 1;
        offset = readLittleEndian(input, from, offsetBytes);
        from += offsetBytes;
      }
      if (offset === 0 || offset > to) throw new BadSnappyError("a copy starts before the beginning");
      if (size > length - to) throw new BadSnappyError("a copy is longer than the rest");
      if (offset >= 4) {
        // Each word read lies wholly before the word written, so overlapping copies repeat as they should.
        const stop = to + size;
        for (let at = to; at < stop; at += 4) outputView.setInt32(at, outputView.getInt32(at - offset, true), true);
      } else {
        for (let i = 0; i < size; i++) output[to + i] = output[to + i - offset] as number;
      }
      to += size;
    }
    if (to !== length) throw new BadSnappyError("it ends before its length is reached");
  }
}

/** Compresses to one snappy block; for senders. */
export function compressSnappy(bytes: Uint8Array): Uint8Array {
  return snappyjs.compress(bytes);
}

function readPreamble(input: Uint8Array): { length: number; bodyAt: number } {
  let length = 0;
  for (let at = 0; at < 5; at++) {
    const byte = input[at];
    if (byte === undefined) throw new BadSnappyError("cut short in its length");
    length += (byte & 0x7f) * 2 ** (at * 7);
    if (byte < 0x80) return { length, bodyAt: at + 1 };
  }
  throw new BadSnappyError("its length is too long");
}

function readLittleEndian(input: Uint8Array, at: number, bytes: number): number {
  let value = input[at] as number;
  if (bytes > 1) value |= (input[at + 1] as number) << 8;
  if (bytes > 2) value |= (input[at + 2] as number) << 16;
  if (bytes > 3) value |= (input[at + 3] as number) << 24;
  return value >>> 0;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
