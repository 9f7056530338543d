/** The fixed-width types that this lib reads and writes in ClickHouse's Native format, with their bytes a value. */
export const FIXED_TYPE_BYTES = {
  UInt8: 1,
  UInt16: 2,
  UInt32: 4,
  UInt64: 8,
  Int8: 1,
  Int16: 2,
  Int32: 4,
  Int64: 8,
  Float32: 4,
  Float64: 8,
  Bool: 1,
  Date: 2,
  Date32: 4,
  DateTime: 4,
} as const;

export type FixedType = keyof typeof FIXED_TYPE_BYTES;

/**
 * A column of fixed-width values as little-endian bytes. The bytes may come in pieces (the columns of several messages
 * in turn): they are sent as they are, without a copy, and must not change until the insert is done.
 */
export interface FixedColumn {
  readonly name: string;
  readonly type: FixedType;
  readonly chunks: readonly Uint8Array[];
}

export interface StringColumn {
  readonly name: string;
  readonly type: "String";
  readonly values: readonly string[];
}

/** Strings that are bytes of any kind. */
export interface ByteStringColumn {
  readonly name: string;
  readonly type: "String";
  readonly blobs: readonly Uint8Array[];
}

/** Lists of strings; for a map they are name, value, name, value, … */
export interface StringListColumn {
  readonly name: string;
  readonly type: "Array(String)" | "Map(String, String)";
  readonly values: readonly (readonly string[])[];
}

/** Lists of numbers in pieces: how many each row has, and all of them in turn as little-endian bytes. */
export interface NumberListColumn {
  readonly name: string;
  readonly type: "Array(Float64)" | "Array(UInt8)";
  readonly pieces: readonly { readonly lengths: Uint32Array; readonly bytes: Uint8Array }[];
}

/** One column of an insert. */
export type NativeColumn = FixedColumn | StringColumn | ByteStringColumn | StringListColumn | NumberListColumn;

/** Bytes a value of a fixed-width type, also of those with parameters, or undefined for any other type. */
export function fixedTypeBytes(type: string): number | undefined {
  if (Object.hasOwn(FIXED_TYPE_BYTES, type)) return FIXED_TYPE_BYTES[type as FixedType];
  if (type.startsWith("DateTime64(")) return 8;
  if (type.startsWith("DateTime(")) return 4;
  if (type.startsWith("Enum8(")) return 1;
  if (type.startsWith("Enum16(")) return 2;
  return undefined;
}
