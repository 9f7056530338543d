import { BUCKET_COLUMNS, type BucketColumn, type Resolution, startOf } from "@monotreme/blocks";
import type { ClickHouse, QueryParameters } from "@monotreme/clickhouse";
import { type PackedBucketChunk, StoredBuckets } from "./stored-buckets.ts";
import { BucketTimesCache } from "./bucket-times-cache.ts";
import type { OpenRange } from "./chunk-assembler.ts";
import type { DeletionMasks } from "./deletion-masks.ts";

/** What is read of the buckets of one resolution. */
export interface BucketRead {
  readonly resolution: Resolution;
  /** Condition on metric and series ids, with `parameters`. */
  readonly ids: string;
  readonly parameters: QueryParameters;
  /** In time order, apart, and multiples of the resolution: buckets outside are left out. */
  readonly ranges: readonly OpenRange[];
  /** As `bucketColumnsFor` names them; all others hold NaN everywhere. */
  readonly columns: ReadonlySet<BucketColumn>;
  /** Hides what was deleted since a chunk was written: buckets all of whose samples lie in the deleted range. */
  readonly masks?: DeletionMasks;
  /** Throws where that many more buckets are too many. */
  readonly count: (buckets: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** The dictionary comes as the server has it, so that equal times are unpacked once. */
const SETTINGS = { low_cardinality_allow_in_native_format: 1 } as const;

/** Reads the chunks of buckets that reach into the ranges. */
export async function readBuckets(clickhouse: ClickHouse, read: BucketRead): Promise<StoredBuckets> {
  const { resolution, ids, parameters, columns, signal } = read;
  const stored = new StoredBuckets(read);
  const starts = blockStarts(read.ranges, resolution);
  if (starts.length === 0) return stored;
  const wanted = BUCKET_COLUMNS.filter((column) => columns.has(column));
  const names = ["metric_id", "series_id", "buckets", "times", ...wanted];
  const query = `SELECT ${names.join(", ")}, toFloat64(start) AS start_ms, toFloat64(generation) AS generation_number
    FROM bucket_chunks WHERE resolution = ${resolution.resolutionMs} AND ${ids} AND start IN (${starts.join(",")})`;
  const cache = new BucketTimesCache(resolution.resolutionMs);
  const options = { parameters, settings: SETTINGS, ...(signal && { signal }) };
  for await (const block of clickhouse.selectNative(query, options)) {
    const buckets = block.uint32("buckets");
    read.count(buckets.reduce((sum, ofChunk) => sum + ofChunk, 0));
    const [metricIds, seriesIds] = [block.uint64("metric_id"), block.uint64("series_id")];
    const [startTimes, generations] = [block.float64("start_ms"), block.float64("generation_number")];
    const times = block.dictionary("times");
    const lists = wanted.map((name) => ({ name, ...block.byteLists(name) }));
    for (let row = 0; row < block.rowCount; row++) {
      const startMs = startTimes[row]!;
      const packed: Partial<Record<BucketColumn, Uint8Array>> = {};
      for (const { name, ends, bytes } of lists) packed[name] = bytes.subarray(ends[row - 1] ?? 0, ends[row]);
      const chunk: PackedBucketChunk = {
        startMs,
        generation: generations[row]!,
        times: cache.at(times, row, startMs),
        packed,
      };
      stored.add(metricIds[row]!, seriesIds[row]!, chunk);
    }
  }
  return stored;
}

/** The starts of all blocks that reach into the ranges. */
function blockStarts(ranges: readonly OpenRange[], { blockMs }: Resolution): readonly number[] {
  const starts = new Set<number>();
  for (const { afterMs, untilMs } of ranges) {
    for (let start = startOf(afterMs + 1, blockMs); start < untilMs; start += blockMs) starts.add(start);
  }
  return [...starts];
}
