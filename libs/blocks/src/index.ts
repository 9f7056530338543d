export {
  BUCKET_COLUMNS,
  type BucketColumn,
  bucketColumnsToRead,
  packBuckets,
  type PackedBuckets,
  unpackBuckets,
} from "./bucket-chunk.ts";
export { type BucketTimes, unpackBucketTimes } from "./bucket-chunk-times.ts";
export { ByteReader, unreadableChunk } from "./byte-reader.ts";
export { ByteWriter } from "./byte-writer.ts";
export { MAX_PACKED, packIntegers, unpackIntegers } from "./pack-integers.ts";
export { packTimes, unpackTimes } from "./pack-times.ts";
export { packValues, unpackValues } from "./pack-values.ts";
export { FIVE_MINUTES, ONE_HOUR, RAW, type Resolution, RESOLUTIONS, startOf, WINDOW_MS } from "./windows.ts";
