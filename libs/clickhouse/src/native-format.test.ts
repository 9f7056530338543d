import fc from "fast-check";
import { expect, test } from "vitest";
import type { NativeBlock } from "./native-block.ts";
import type { NativeColumn } from "./native-columns.ts";
import { decodeNativeBlocks } from "./native-reader.ts";
import { encodeNativeBlock } from "./native-writer.ts";

/** The bytes in pieces of the given length, as a network might deliver them. */
async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function decodeAll(bytes: Uint8Array, pieceLength = 7): Promise<NativeBlock[]> {
  const blocks: NativeBlock[] = [];
  for await (const block of decodeNativeBlocks(inPieces(bytes, pieceLength))) blocks.push(block);
  return blocks;
}

function encode(columns: readonly NativeColumn[], rowCount: number): Uint8Array {
  return Buffer.concat(encodeNativeBlock(columns, rowCount));
}

const text = fc.string({ unit: "grapheme", maxLength: 20 });
const row = fc.record({
  id: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  value: fc.double(),
  name: text,
  tags: fc.array(text, { maxLength: 4 }),
  labels: fc.array(fc.tuple(text, text), { maxLength: 4 }),
  buckets: fc.array(fc.double(), { maxLength: 4 }),
});

test("native format - what is written is read back, wherever the network cuts", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 64 }),
      async (rows, n) => {
        const ids = BigUint64Array.from(rows, ({ id }) => id);
        const values = Float64Array.from(rows, ({ value }) => value);
        const cut = Math.floor(rows.length / 2) * 8;
        const bytes = encode(
          [
            {
              name: "id",
              type: "UInt64",
              chunks: [new Uint8Array(ids.buffer, 0, cut), new Uint8Array(ids.buffer, cut)],
            },
            { name: "value", type: "Float64", chunks: [new Uint8Array(values.buffer)] },
            { name: "name", type: "String", values: rows.map(({ name }) => name) },
            { name: "tags", type: "Array(String)", values: rows.map(({ tags }) => tags) },
            {
              name: "buckets",
              type: "Array(Float64)",
              pieces: [rows.slice(0, 1), rows.slice(1)].map((part) => ({
                lengths: Uint32Array.from(part, ({ buckets }) => buckets.length),
                bytes: new Uint8Array(Float64Array.from(part.flatMap(({ buckets }) => buckets)).buffer),
              })),
            },
            { name: "labels", type: "Map(String, String)", values: rows.map(({ labels }) => labels.flat()) },
          ],
          rows.length,
        );
        const [block] = await decodeAll(bytes, n);
        expect(block?.rowCount).toBe(rows.length);
        expect(block?.uint64("id")).toEqual(ids);
        expect(block?.float64("value")).toEqual(values);
        expect(block?.strings("name")).toEqual(rows.map(({ name }) => name));
        expect(block?.float64Lists("buckets").map((list) => [...list])).toEqual(rows.map(({ buckets }) => buckets));
        expect(block?.lists("tags")).toEqual(rows.map(({ tags }) => tags));
        expect(block?.lists("labels")).toEqual(rows.map(({ labels }) => labels.flat()));
      },
    ),
    { numRuns: 50 },
  );
});

test("native format - the bits of a NaN survive", async () => {
  const words = Uint32Array.of(2, 0x7ff00000, 0x12345678, 0xfff80001);
  const bytes = encode([{ name: "v", type: "Float64", chunks: [new Uint8Array(words.buffer)] }], 2);
  const [block] = await decodeAll(bytes);
  expect(block?.words64("v")).toEqual(words);
});

test("native format - a block written by ClickHouse is understood", async () => {
  // SELECT toUInt16(258) AS d, map('k', 'v') AS m FORMAT Native
  const bytes = Buffer.from(
    "0201016406" + // 2 columns, 1 row, name "d"
      "55496e743136" + // UInt16
      "0201" +
      "016d13" +
      Buffer.from("Map(String, String)").toString("hex") +
      "0100000000000000" +
      "016b" +
      "0176",
    "hex",
  );
  const [block] = await decodeAll(bytes, 3);
  expect([...(block?.uint16("d") ?? [])]).toEqual([258]);
  expect(block?.lists("m")).toEqual([["k", "v"]]);
});

test("native format - blocks without rows are left out", async () => {
  const empty = encode([{ name: "s", type: "String", values: [] }], 0);
  const full = encode([{ name: "s", type: "String", values: ["x"] }], 1);
  const blocks = await decodeAll(Buffer.concat([empty, full, empty, full]));
  expect(blocks.map((block) => block.strings("s"))).toEqual([["x"], ["x"]]);
});

test("native format - an answer that ends too early is unavailable, never a shorter result", async () => {
  const bytes = encode([{ name: "s", type: "String", values: ["hello", "world"] }], 2);
  for (let length = 1; length < bytes.length; length++) {
    await expect(decodeAll(bytes.subarray(0, length))).rejects.toMatchObject({ code: "CLICKHOUSE_UNAVAILABLE" });
  }
});

test("native format - bytes that are no block are refused", async () => {
  const f = async (hex: string, reason: RegExp): Promise<void> => {
    await expect(decodeAll(Buffer.from(hex, "hex"))).rejects.toThrow(reason);
  };
  await f("ffffffff0f01", /block is too large/);
  await f("01ffffffffff7f", /block is too large/);
  await f("ffffffffffffffffffff01", /number is too large/);
  await f("010101730755496e7432353600", /type UInt256 is not known/);
  await f("010101730b4172726179284e756c6c29", /type Array\(Null\) is not known/);
});

test("native format - a column of another length than the block is refused", () => {
  const short: NativeColumn = { name: "short", type: "UInt64", chunks: [new Uint8Array(8)] };
  expect(() => encodeNativeBlock([short], 2)).toThrow(/column short has 1 values, the block has 2 rows/);
});

test("native format - a column is read only as what it is", async () => {
  const [block] = await decodeAll(encode([{ name: "s", type: "String", values: ["x"] }], 1));
  expect(() => block?.float64("s")).toThrow(/no values of 8 bytes/);
  expect(() => block?.lists("s")).toThrow(/no lists/);
  expect(() => block?.strings("t")).toThrow(/column t is missing/);
});

test("native format - transient columns hold the block at hand, the others every block", async () => {
  const columns = (values: readonly number[]): NativeColumn[] =>
    ["kept", "passing"].map((name) => ({
      name,
      type: "Float64",
      chunks: [new Uint8Array(Float64Array.from(values).buffer)],
    }));
  const blocks = [[1, 2], [3], [4, 5, 6]];
  const bytes = Buffer.concat(blocks.map((values) => encode(columns(values), values.length)));
  const kept: Float64Array[] = [];
  for await (const block of decodeNativeBlocks(inPieces(bytes, 5), ["passing"])) {
    expect([...block.float64("passing")]).toEqual(blocks[kept.length]);
    kept.push(block.float64("kept"));
  }
  expect(kept.map((values) => [...values])).toEqual(blocks);
});

test("native format - lists of bytes and strings of bytes come back as they are", async () => {
  const blobs = [[0, 255, 128], [], [10]].map((bytes) => Uint8Array.from(bytes));
  const bytes = encode(
    [
      { name: "blob", type: "String", blobs },
      {
        name: "data",
        type: "Array(UInt8)",
        pieces: [{ lengths: Uint32Array.from(blobs, ({ length }) => length), bytes: Buffer.concat(blobs) }],
      },
    ],
    blobs.length,
  );
  const [block] = await decodeAll(bytes.subarray(0, bytes.length), 3);
  const { ends, bytes: data } = block!.byteLists("data");
  expect([...ends]).toEqual([3, 3, 4]);
  expect([...data]).toEqual([0, 255, 128, 10]);
});

test.each([
  { width: "one byte", code: 0, indexes: [1, 0, 1] },
  { width: "two bytes", code: 1, indexes: [1, 0, 0, 0, 1, 0] },
  { width: "four bytes", code: 2, indexes: [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0] },
])("native format - a dictionary whose indexes have $width", async ({ code, indexes }) => {
  const [block] = await decodeAll(dictionaryBlock([[], [7, 200]], code, indexes));
  const { keys, indexes: read } = block!.dictionary("x");
  expect(Array.from(read, (index) => [...keys[index]!])).toEqual([[7, 200], [], [7, 200]]);
});

test("native format - an index outside its dictionary is no answer", async () => {
  await expect(decodeAll(dictionaryBlock([[1]], 0, [0, 1, 0]))).rejects.toThrow("outside its dictionary");
});

/** Three rows of a LowCardinality(String) as ClickHouse 26.7 writes them. */
function dictionaryBlock(keys: number[][], widthCode: number, indexes: number[]): Uint8Array {
  const uint64 = (value: number): number[] => [...new Uint8Array(BigUint64Array.of(BigInt(value)).buffer)];
  const type = [...Buffer.from("LowCardinality(String)")];
  const parts = [
    [1, 3, 1, 0x78, type.length, ...type],
    [...uint64(1), ...uint64(0x600 + widthCode), ...uint64(keys.length)],
    keys.flatMap((key) => [key.length, ...key]),
    [...uint64(3), ...indexes],
  ];
  return Uint8Array.from(parts.flat());
}
