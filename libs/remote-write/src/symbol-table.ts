import { isUtf8 } from "node:buffer";
import { BadProtobufError, WriteRequestTooLargeError } from "./remote-write-error.ts";

const INITIAL_SYMBOLS = 1024;
const MAX_SYMBOLS = 1 << 22;

/** The symbols of a remote write 2.0 request as ranges of its bytes; texts are made when they are asked for. */
export class SymbolTable {
  #bytes: Buffer = Buffer.alloc(0);
  #ranges = new Uint32Array(INITIAL_SYMBOLS * 2);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  reset(bytes: Uint8Array): void {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#count = 0;
    if (this.#ranges.length > INITIAL_SYMBOLS * 256) this.#ranges = new Uint32Array(INITIAL_SYMBOLS * 2);
  }

  add(start: number, end: number): void {
    if (this.#count === MAX_SYMBOLS) throw new WriteRequestTooLargeError(`more than ${MAX_SYMBOLS} symbols`);
    // The specification wants the empty text first, so that a reference of 0 means none.
    if (this.#count === 0 && start !== end) throw new BadProtobufError("the first symbol is not empty");
    if (this.#count * 2 === this.#ranges.length) {
      const larger = new Uint32Array(this.#ranges.length * 2);
      larger.set(this.#ranges);
      this.#ranges = larger;
    }
    this.#ranges[this.#count * 2] = start;
    this.#ranges[this.#count * 2 + 1] = end;
    this.#count++;
  }

  startOf(index: number): number {
    return this.#ranges[index * 2] ?? 0;
  }

  endOf(index: number): number {
    return this.#ranges[index * 2 + 1] ?? 0;
  }

  /** The text of a symbol; undefined where there is no such symbol or it is not UTF-8. */
  text(index: number): string | undefined {
    if (index >= this.#count) return undefined;
    const bytes = this.#bytes.subarray(this.startOf(index), this.endOf(index));
    return isUtf8(bytes) ? bytes.toString() : undefined;
  }
}
