import fc from "fast-check";
import snappyjs from "snappyjs";
import { describe, expect, test } from "vitest";
import { RemoteWriteError } from "./remote-write-error.ts";
import { compressSnappy, SnappyReader } from "./snappy.ts";

/** Bytes that compress well: short pieces repeated at all distances. */
const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 30 })), { maxLength: 20 })
  .map((pieces) => Buffer.concat(pieces.flatMap(([piece, times]) => Array.from({ length: times }, () => piece))));

function refusal(input: readonly number[], maxBytes = 1000): string {
  try {
    new SnappyReader(maxBytes).uncompress(Uint8Array.from(input));
  } catch (error) {
    if (error instanceof RemoteWriteError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "accepted";
}

describe("snappy reader", () => {
  test("snappy reader - gives back what was compressed, in one buffer used again and again", () => {
    const reader = new SnappyReader();
    fc.assert(
      fc.property(fc.oneof(repetitive, fc.uint8Array({ maxLength: 3000 })), (bytes) => {
        expect(Buffer.from(reader.uncompress(compressSnappy(Uint8Array.from(bytes))))).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 100 },
    );
  });

  test("snappy reader - reads a block of several megabytes and gives the large buffer back", () => {
    const reader = new SnappyReader();
    const large = new Uint8Array(5_000_000);
    for (let i = 0; i < large.length; i++) large[i] = Math.imul(i, 0x9e3779b1) >>> 13;
    expect(Buffer.compare(reader.uncompress(compressSnappy(large)), large)).toBe(0);
    const small = reader.uncompress(compressSnappy(Uint8Array.of(1, 2, 3)));
    expect([...small]).toEqual([1, 2, 3]);
    expect(small.buffer.byteLength).toBeLessThan(1_000_000);
  });

  test("snappy reader - agrees with snappyjs on damaged blocks, or refuses them", () => {
    const reader = new SnappyReader(10_000);
    fc.assert(
      fc.property(repetitive, fc.nat(), fc.nat({ max: 255 }), (bytes, at, value) => {
        const block = compressSnappy(Uint8Array.from(bytes));
        // A changed length or a literal of 2^31 bytes makes snappyjs hang or pad; leave those to the cases below.
        if (block.length < 3 || value >= 0xf0) return;
        block[2 + (at % (block.length - 2))] = value;
        let ours: Uint8Array;
        try {
          ours = reader.uncompress(block);
        } catch (error) {
          expect(error).toBeInstanceOf(RemoteWriteError);
          return;
        }
        expect(Buffer.from(ours)).toEqual(Buffer.from(snappyjs.uncompress(block)));
      }),
      { numRuns: 200 },
    );
  });

  test("snappy reader - answers arbitrary bytes with bytes or a RemoteWriteError", () => {
    const reader = new SnappyReader(100_000);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          reader.uncompress(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RemoteWriteError);
        }
      }),
      { numRuns: 1500 },
    );
  });

  test.each<[what: string, input: number[], refusedFor: string]>([
    ["nothing", [], "cut short in its length"],
    ["an unfinished length", [0x80, 0x80], "cut short in its length"],
    ["a length of six bytes", [0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0, 0], "its length is too long"],
    ["a length above the limit", [0xe9, 0x07, 0, 0], "REMOTE_WRITE_TOO_LARGE"],
    ["a length that so few bytes cannot hold", [0x64, 0, 0], "its length cannot be true"],
    ["a literal longer than the block", [4, 0x0c, 1, 2], "a literal is longer"],
    ["a literal longer than the output", [2, 0x0c, 1, 2, 3, 4], "a literal is longer"],
    ["a literal of 2^32 - 15 bytes", [4, 0xfc, 0xf0, 0xff, 0xff, 0xff, 1, 2, 3, 4], "a literal is longer"],
    ["a literal's length cut short", [8, 0xf4, 1], "cut short in a literal's length"],
    ["a copy from before the beginning", [8, 0, 1, 0x01, 5], "before the beginning"],
    ["a copy of distance 0", [8, 0, 1, 0x01, 0], "before the beginning"],
    ["a copy past the output", [3, 0, 1, 0x01, 1], "a copy is longer"],
    ["a copy cut short", [8, 0, 1, 0x02, 1], "cut short in a copy"],
    ["a block that ends early", [3, 0, 1], "ends before its length"],
  ])("snappy reader - refuses %s", (_, input, refusedFor) => {
    expect(refusal(input)).toContain(refusedFor);
  });
});
