export {
  ClickHouse,
  type ClickHouseOptions,
  type InsertOptions,
  type QueryParameters,
  quoteIdentifier,
  type RequestOptions,
  type SelectOptions,
} from "./click-house.ts";
export { type Migration, type MigrationOptions, runMigrations } from "./migration-runner.ts";
export { type ByteLists, type Dictionary, NativeBlock, type NativeColumnData } from "./native-block.ts";
export type {
  ByteStringColumn,
  FixedColumn,
  FixedType,
  NativeColumn,
  NumberListColumn,
  StringColumn,
  StringListColumn,
} from "./native-columns.ts";
export { decodeNativeBlocks } from "./native-reader.ts";
export { encodeNativeBlock } from "./native-writer.ts";
export { ClickHouseServerError, ClickHouseUnavailableError } from "./translate-error.ts";
