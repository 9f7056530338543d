import { AppError } from "@monotreme/errors";
import {
  FIXED_TYPE_BYTES,
  type NativeColumn,
  type NumberListColumn,
  type StringColumn,
  type StringListColumn,
} from "./native-columns.ts";

/**
 * One block of ClickHouse's Native format: column count, row count, then per column its name, its type and its values.
 * The pieces are to be sent in order; fixed-width columns are passed through without a copy.
 */
export function encodeNativeBlock(columns: readonly NativeColumn[], rowCount: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const head = new TextColumnWriter();
  head.varint(columns.length);
  head.varint(rowCount);
  for (const column of columns) {
    checkLength(column, rowCount);
    head.text(column.name);
    head.text(column.type);
    pieces.push(head.take());
    if ("chunks" in column) pieces.push(...column.chunks);
    else if ("pieces" in column) pieces.push(listEnds(column, rowCount), ...column.pieces.map(({ bytes }) => bytes));
    else if ("blobs" in column) pieces.push(...encodeBlobs(column.blobs));
    else pieces.push(encodeTextColumn(column));
  }
  return pieces;
}

/** Where each list ends, counted over the whole block. */
function listEnds(column: NumberListColumn, rowCount: number): Uint8Array {
  const ends = new BigUint64Array(rowCount);
  let row = 0;
  let end = 0;
  for (const { lengths } of column.pieces) {
    for (const length of lengths) ends[row++] = BigInt((end += length));
  }
  return new Uint8Array(ends.buffer);
}

function encodeBlobs(blobs: readonly Uint8Array[]): Uint8Array[] {
  const writer = new TextColumnWriter();
  return blobs.flatMap((blob) => {
    writer.varint(blob.length);
    return [writer.take(), blob];
  });
}

function encodeTextColumn(column: StringColumn | StringListColumn): Uint8Array {
  const writer = new TextColumnWriter();
  if (column.type === "String") {
    for (const value of column.values) writer.text(value);
    return writer.take();
  }
  // Arrays: where each list ends, then all elements. A map is an array of pairs, its names and its values apart.
  const isMap = column.type !== "Array(String)";
  let end = 0;
  for (const list of column.values) {
    end += isMap ? list.length / 2 : list.length;
    writer.uint64(end);
  }
  if (!isMap) {
    for (const list of column.values) for (const value of list) writer.text(value);
    return writer.take();
  }
  for (const list of column.values) for (let i = 0; i < list.length; i += 2) writer.text(list[i] ?? "");
  for (const list of column.values) for (let i = 1; i < list.length; i += 2) writer.text(list[i] ?? "");
  return writer.take();
}

function rowsOf(column: NativeColumn): number {
  if ("chunks" in column) {
    return column.chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0) / FIXED_TYPE_BYTES[column.type];
  }
  if ("pieces" in column) return column.pieces.reduce((sum, { lengths }) => sum + lengths.length, 0);
  return "blobs" in column ? column.blobs.length : column.values.length;
}

function checkLength(column: NativeColumn, rowCount: number): void {
  const rows = rowsOf(column);
  if (rows !== rowCount) {
    throw new AppError(
      "CLICKHOUSE_COLUMN_LENGTH",
      "internal",
      `column ${column.name} has ${rows} values, the block has ${rowCount} rows`,
    );
  }
}

class TextColumnWriter {
  #buffer = Buffer.allocUnsafe(4096);
  #length = 0;

  /** What was written, as a copy; the writer is empty again. */
  take(): Uint8Array {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    return bytes;
  }

  varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  uint64(value: number): void {
    this.#reserve(8);
    this.#buffer.writeUInt32LE(value % 0x1_0000_0000, this.#length);
    this.#buffer.writeUInt32LE(Math.floor(value / 0x1_0000_0000), this.#length + 4);
    this.#length += 8;
  }

  text(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.varint(bytes);
    this.#reserve(bytes);
    this.#length += this.#buffer.write(value, this.#length);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
