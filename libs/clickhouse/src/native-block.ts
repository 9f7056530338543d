import { unreadable } from "./chunk-reader.ts";

/** A decoded column: the little-endian bytes of fixed-width values (8-byte aligned), strings, or lists of either. */
export type NativeColumnData =
  | { readonly kind: "fixed"; readonly valueBytes: number; readonly bytes: Uint8Array }
  | { readonly kind: "strings"; readonly values: readonly string[] }
  | { readonly kind: "lists"; readonly values: readonly (readonly string[])[] }
  | ({ readonly kind: "byteLists" } & ByteLists)
  | ({ readonly kind: "dictionary" } & Dictionary)
  | { readonly kind: "numberLists"; readonly ends: readonly number[]; readonly values: Float64Array };

/** Lists of bytes one after the other: list `i` ends at `ends[i]`, where the next begins. */
export interface ByteLists {
  readonly ends: Uint32Array;
  readonly bytes: Uint8Array;
}

/** A LowCardinality column: row `i` holds `keys[indexes[i]]`. Keys are of this block only. */
export interface Dictionary {
  readonly keys: readonly Uint8Array[];
  readonly indexes: Uint8Array | Uint16Array | Uint32Array;
}

/**
 * One block of a result. The typed arrays are views of the block's own bytes, so values keep their bits (NaN payloads
 * too); they stay valid as long as anyone holds them.
 */
export class NativeBlock {
  readonly rowCount: number;
  readonly #columns: ReadonlyMap<string, NativeColumnData>;

  constructor(rowCount: number, columns: ReadonlyMap<string, NativeColumnData>) {
    this.rowCount = rowCount;
    this.#columns = columns;
  }

  /** A Float64 column. */
  float64(name: string): Float64Array {
    const bytes = this.#fixed(name, 8);
    return new Float64Array(bytes.buffer, bytes.byteOffset, this.rowCount);
  }

  /** A column of 64-bit values as pairs of words, the low one first. */
  words64(name: string): Uint32Array {
    const bytes = this.#fixed(name, 8);
    return new Uint32Array(bytes.buffer, bytes.byteOffset, this.rowCount * 2);
  }

  /** A UInt64 column. */
  uint64(name: string): BigUint64Array {
    const bytes = this.#fixed(name, 8);
    return new BigUint64Array(bytes.buffer, bytes.byteOffset, this.rowCount);
  }

  /** A column of 32-bit values. */
  uint32(name: string): Uint32Array {
    const bytes = this.#fixed(name, 4);
    return new Uint32Array(bytes.buffer, bytes.byteOffset, this.rowCount);
  }

  /** A UInt16 or Date column (days since 1970-01-01). */
  uint16(name: string): Uint16Array {
    const bytes = this.#fixed(name, 2);
    return new Uint16Array(bytes.buffer, bytes.byteOffset, this.rowCount);
  }

  /** A String column, or a LowCardinality one. */
  strings(name: string): readonly string[] {
    const column = this.#column(name);
    if (column.kind === "dictionary") return textsOf(column);
    if (column.kind !== "strings") throw unreadable(`column ${name} holds no strings`);
    return column.values;
  }

  /** An Array(String) column, or a Map(String, String) column as name, value, name, value, … */
  lists(name: string): readonly (readonly string[])[] {
    const column = this.#column(name);
    if (column.kind !== "lists") throw unreadable(`column ${name} holds no lists`);
    return column.values;
  }

  /** An Array(Float64) column; the lists are views of the block's own bytes. */
  float64Lists(name: string): readonly Float64Array[] {
    const column = this.#column(name);
    if (column.kind !== "numberLists") throw unreadable(`column ${name} holds no lists of numbers`);
    return column.ends.map((end, row) => column.values.subarray(column.ends[row - 1] ?? 0, end));
  }

  /** An Array(UInt8) column. */
  byteLists(name: string): ByteLists {
    const column = this.#column(name);
    if (column.kind !== "byteLists") throw unreadable(`column ${name} holds no lists of bytes`);
    return column;
  }

  /** A LowCardinality(String) column. */
  dictionary(name: string): Dictionary {
    const column = this.#column(name);
    if (column.kind !== "dictionary") throw unreadable(`column ${name} holds no dictionary`);
    return column;
  }

  /** A column of signed 32-bit integers. */
  int32(name: string): Int32Array {
    const bytes = this.#fixed(name, 4);
    return new Int32Array(bytes.buffer, bytes.byteOffset, this.rowCount);
  }

  /** A column of signed 8-bit integers. */
  int8(name: string): Int8Array {
    const bytes = this.#fixed(name, 1);
    return new Int8Array(bytes.buffer, bytes.byteOffset, this.rowCount);
  }

  #fixed(name: string, valueBytes: number): Uint8Array {
    const column = this.#column(name);
    if (column.kind !== "fixed" || column.valueBytes !== valueBytes) {
      throw unreadable(`column ${name} holds no values of ${valueBytes} bytes`);
    }
    return column.bytes;
  }

  #column(name: string): NativeColumnData {
    const column = this.#columns.get(name);
    if (column === undefined) throw unreadable(`column ${name} is missing`);
    return column;
  }
}

function textsOf({ keys, indexes }: Dictionary): readonly string[] {
  const texts = keys.map((key) => Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString());
  return Array.from(indexes, (index) => texts[index] ?? "");
}
