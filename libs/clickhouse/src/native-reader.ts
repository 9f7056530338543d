import { ChunkReader, unreadable } from "./chunk-reader.ts";
import { NativeBlock, type NativeColumnData } from "./native-block.ts";
import { fixedTypeBytes } from "./native-columns.ts";

/** More than ClickHouse ever puts into one block; a larger number means that the bytes are no block. */
const MAX_BLOCK_ROWS = 64 * 1024 * 1024;
const MAX_COLUMNS = 1024;
const MAX_LIST_VALUES = 256 * 1024 * 1024;

/**
 * Decodes a stream of ClickHouse's Native format block by block; empty blocks are left out. Transient columns of
 * fixed-width values are overwritten by the next block: a large answer then leaves less to collect.
 */
export async function* decodeNativeBlocks(
  chunks: AsyncIterable<Uint8Array>,
  transientColumns: readonly string[] = [],
): AsyncGenerator<NativeBlock> {
  const reader = new ChunkReader(chunks);
  const reused = new Map<string, Uint8Array>();
  while (await reader.hasMore()) {
    const columnCount = await reader.varint();
    const rowCount = await reader.varint();
    if (columnCount > MAX_COLUMNS || rowCount > MAX_BLOCK_ROWS) throw unreadable("a block is too large");
    const columns = new Map<string, NativeColumnData>();
    for (let i = 0; i < columnCount; i++) {
      const name = await reader.text();
      const type = await reader.text();
      const valueBytes = fixedTypeBytes(type);
      if (valueBytes === undefined) columns.set(name, await readColumn(reader, type, rowCount));
      else {
        const size = rowCount * valueBytes;
        const target = transientColumns.includes(name) ? reusedBytes(reused, name, size) : newBytes(size);
        await reader.readInto(target);
        columns.set(name, { kind: "fixed", valueBytes, bytes: target });
      }
    }
    if (rowCount > 0) yield new NativeBlock(rowCount, columns);
  }
}

async function readColumn(reader: ChunkReader, type: string, rowCount: number): Promise<NativeColumnData> {
  if (type === "String") return { kind: "strings", values: await readStrings(reader, rowCount) };
  if (type === "Array(String)" || type === "Map(String, String)") {
    const ends = await readListEnds(reader, rowCount);
    const total = ends.at(-1) ?? 0;
    const first = await readStrings(reader, total);
    const second = type === "Array(String)" ? undefined : await readStrings(reader, total);
    return { kind: "lists", values: cutLists(ends, first, second) };
  }
  if (type === "Array(Float64)") {
    const ends = await readListEnds(reader, rowCount);
    const total = ends.at(-1) ?? 0;
    if (total > MAX_LIST_VALUES) throw unreadable("a block's lists are too long");
    const bytes = new Uint8Array(total * 8);
    await reader.readInto(bytes);
    return { kind: "numberLists", ends, values: new Float64Array(bytes.buffer) };
  }
  if (type === "Array(UInt8)") {
    const ends = Uint32Array.from(await readListEnds(reader, rowCount));
    const bytes = newBytes(ends.at(-1) ?? 0);
    await reader.readInto(bytes);
    return { kind: "byteLists", ends, bytes };
  }
  if (type === "LowCardinality(String)") return readDictionary(reader, rowCount);
  throw unreadable(`type ${type.slice(0, 80)} is not known`);
}

/** The low byte of the flags says how wide the indexes are; these two say that the keys stand in the block itself. */
const OWN_KEYS_FLAGS = 0x600;

async function readDictionary(reader: ChunkReader, rowCount: number): Promise<NativeColumnData> {
  if (rowCount === 0) return { kind: "dictionary", keys: [], indexes: new Uint8Array() };
  const [version, flags, keyCount] = await readNumbers(reader, 3);
  const widthCode = (flags ?? 0) & 0xff;
  if (version !== 1 || (flags ?? 0) - widthCode !== OWN_KEYS_FLAGS || widthCode > 2) {
    throw unreadable("a dictionary is written in a way that is not known");
  }
  if (keyCount === undefined || keyCount > MAX_BLOCK_ROWS) throw unreadable("a dictionary is too large");
  const keys: Uint8Array[] = [];
  for (let i = 0; i < keyCount; i++) {
    const key = newBytes(await reader.stringLength());
    await reader.readInto(key);
    keys.push(key);
  }
  const [indexCount] = await readNumbers(reader, 1);
  if (indexCount !== rowCount) throw unreadable("a dictionary has not one index a row");
  const width = 2 ** widthCode;
  const bytes = newBytes(rowCount * width);
  await reader.readInto(bytes);
  const indexes = width === 1 ? bytes : width === 2 ? new Uint16Array(bytes.buffer) : new Uint32Array(bytes.buffer);
  if (indexes.some((index) => index >= keys.length)) throw unreadable("an index lies outside its dictionary");
  return { kind: "dictionary", keys, indexes };
}

/** UInt64 values; those beyond 2^32 are none that a block could hold. */
async function readNumbers(reader: ChunkReader, count: number): Promise<number[]> {
  const bytes = new Uint8Array(count * 8);
  await reader.readInto(bytes);
  const words = new Uint32Array(bytes.buffer);
  return Array.from({ length: count }, (_, i) => (words[i * 2] ?? 0) + (words[i * 2 + 1] ?? 0) * 2 ** 32);
}

/** Not zeroed, as every byte is written over before anyone sees it; memory of its own, so that views are aligned. */
function newBytes(size: number): Uint8Array {
  return Buffer.allocUnsafeSlow(size);
}

function reusedBytes(reused: Map<string, Uint8Array>, name: string, size: number): Uint8Array {
  let bytes = reused.get(name);
  if (bytes === undefined || bytes.length < size) reused.set(name, (bytes = newBytes(size)));
  return bytes.subarray(0, size);
}

async function readStrings(reader: ChunkReader, count: number): Promise<string[]> {
  const values: string[] = [];
  while (values.length < count) {
    const value = reader.tryText();
    if (value === undefined) await reader.more();
    else values.push(value);
  }
  return values;
}

async function readListEnds(reader: ChunkReader, rowCount: number): Promise<number[]> {
  const bytes = new Uint8Array(rowCount * 8);
  await reader.readInto(bytes);
  const words = new Uint32Array(bytes.buffer);
  const ends: number[] = [];
  for (let i = 0; i < rowCount; i++) {
    const end = words[i * 2] ?? 0;
    if (words[i * 2 + 1] !== 0 || end < (ends.at(-1) ?? 0)) throw unreadable("the borders of its lists are wrong");
    ends.push(end);
  }
  return ends;
}

function cutLists(
  ends: readonly number[],
  first: readonly string[],
  second: readonly string[] | undefined,
): string[][] {
  let start = 0;
  return ends.map((end) => {
    const list: string[] = [];
    for (let i = start; i < end; i++) {
      list.push(first[i] ?? "");
      if (second !== undefined) list.push(second[i] ?? "");
    }
    start = end;
    return list;
  });
}
