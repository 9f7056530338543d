import { isUtf8 } from "node:buffer";
import { BadProtobufError } from "./remote-write-error.ts";

/** Wire types of protobuf's binary encoding (protobuf.dev/programming-guides/encoding). */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

const MAX_VARINT_BYTES = 10;
const MAX_GROUP_DEPTH = 64;
const TWO_TO_32 = 0x1_0000_0000;

/**
 * Walks over protobuf bytes within `[at, end)`. Every read checks its bounds and throws RemoteWriteError. The owner of
 * a hot loop may move `at` itself.
 */
export class ProtobufReader {
  readonly bytes: Uint8Array;
  at: number;
  end: number;
  readonly #buffer: Buffer;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A field's tag: number × 8 + wire type; the number is at least 1. */
  tag(): number {
    const tag = this.uint32();
    if (tag < 8) throw new BadProtobufError("field number 0");
    return tag;
  }

  /** An unsigned varint of at most 32 bits. */
  uint32(): number {
    // Nearly all tags and lengths take one or two bytes.
    const { bytes, at } = this;
    if (at + 1 < this.end) {
      const first = bytes[at] as number;
      if (first < 0x80) {
        this.at = at + 1;
        return first;
      }
      const second = bytes[at + 1] as number;
      if (second < 0x80) {
        this.at = at + 2;
        return (first & 0x7f) | (second << 7);
      }
    }
    const value = this.int64();
    if (value < 0 || value >= TWO_TO_32) throw new BadProtobufError("a tag or length exceeds 32 bits");
    return value;
  }

  /** A signed 64-bit varint as a number: exact within ±2^53, the nearest double beyond. */
  int64(): number {
    let low = 0;
    let high = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      if (this.at >= this.end) throw new BadProtobufError("cut short in a varint");
      const byte = this.bytes[this.at++] as number;
      const bits = byte & 0x7f;
      if (i < 4) low |= bits << (i * 7);
      else if (i === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (i * 7 - 32);
      if (byte < 0x80) {
        if (i === MAX_VARINT_BYTES - 1 && byte > 1) throw new BadProtobufError("a varint exceeds 64 bits");
        return high * TWO_TO_32 + (low >>> 0);
      }
    }
    throw new BadProtobufError("a varint is longer than 10 bytes");
  }

  /** A double, eight bytes. */
  double(): number {
    this.#advance(8);
    return this.#buffer.readDoubleLE(this.at - 8);
  }

  /** The two words of the eight bytes before `at`, the low one first. */
  wordsBefore(): readonly [low: number, high: number] {
    return [this.#buffer.readUInt32LE(this.at - 8), this.#buffer.readUInt32LE(this.at - 4)];
  }

  /** Reads a length and returns where the field ends; `at` is then its start. */
  lengthDelimitedEnd(): number {
    const length = this.uint32();
    if (length > this.end - this.at) throw new BadProtobufError("a length exceeds its message");
    return this.at + length;
  }

  /** The text of a field whose length comes next; undefined where it is not UTF-8. */
  text(): string | undefined {
    const end = this.lengthDelimitedEnd();
    const start = this.at;
    this.at = end;
    const { bytes } = this;
    let all = 0;
    for (let at = start; at < end; at++) all |= bytes[at] as number;
    // Labels are ASCII nearly always, and the plain way costs several times as much.
    if (all < 0x80) return this.#buffer.toString("latin1", start, end);
    return isUtf8(this.#buffer.subarray(start, end)) ? this.#buffer.toString("utf8", start, end) : undefined;
  }

  /** Skips the value of a field that the reader does not know, groups included. */
  skip(tag: number): void {
    let depth = 0;
    let current = tag;
    for (;;) {
      switch (current & 7) {
        case WIRE.varint:
          this.int64();
          break;
        case WIRE.fixed64:
          this.#advance(8);
          break;
        case WIRE.bytes:
          this.at = this.lengthDelimitedEnd();
          break;
        case WIRE.startGroup:
          if (++depth > MAX_GROUP_DEPTH) throw new BadProtobufError("groups are nested too deep");
          break;
        case WIRE.endGroup:
          if (--depth < 0) throw new BadProtobufError("a group ends that never began");
          break;
        case WIRE.fixed32:
          this.#advance(4);
          break;
        default:
          throw new BadProtobufError(`wire type ${current & 7} does not exist`);
      }
      if (depth === 0) return;
      current = this.tag();
    }
  }

  #advance(bytes: number): void {
    if (bytes > this.end - this.at) throw new BadProtobufError("cut short in a number");
    this.at += bytes;
  }
}
