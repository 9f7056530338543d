import { BUCKET_COLUMNS, type BucketColumn, type Resolution, unpackBuckets } from "@monotreme/blocks";
import type { ClickHouse, NativeBlock } from "@monotreme/clickhouse";
import {
  type BlockRecord,
  BucketTimesCache,
  type ChunkSeries,
  type DeletionMasks,
  withoutDeletedBuckets,
} from "@monotreme/storage";
import { masksOf } from "./bucket-source.ts";
import type { KnownBuckets } from "./renew-buckets.ts";

interface ChunkRow {
  readonly block: NativeBlock;
  readonly row: number;
  readonly generation: number;
}

/** The chunks that a block has for a range of series, still packed; of each series the one that counts. */
export class ExistingBuckets {
  readonly #resolution: Resolution;
  readonly #startMs: number;
  readonly #masks: DeletionMasks;
  readonly #chunks = new Map<string, ChunkRow>();
  readonly #times: BucketTimesCache;

  private constructor(resolution: Resolution, startMs: number, masks: DeletionMasks) {
    this.#resolution = resolution;
    this.#startMs = startMs;
    this.#masks = masks;
    this.#times = new BucketTimesCache(resolution.resolutionMs);
  }

  /** Reads the chunks of lower generations than the record's. */
  static async read(
    clickhouse: ClickHouse,
    { startMs, generation }: Pick<BlockRecord, "startMs" | "generation">,
    {
      resolution,
      series,
      masks,
      signal,
    }: {
      readonly resolution: Resolution;
      /** Condition on ids. */
      readonly series: string;
      readonly masks: DeletionMasks;
      readonly signal: AbortSignal;
    },
  ): Promise<ExistingBuckets> {
    const existing = new ExistingBuckets(resolution, startMs, masks);
    const query = `SELECT metric_id, series_id, toFloat64(generation) AS generation_number, times,
        ${BUCKET_COLUMNS.join(", ")}
      FROM bucket_chunks WHERE resolution = ${resolution.resolutionMs} AND ${series}
        AND start = {start:Int64} AND bucket_chunks.generation < {generation:UInt64}`;
    const parameters = { start: String(startMs), generation: String(generation) };
    const settings = { low_cardinality_allow_in_native_format: 1 } as const;
    for await (const block of clickhouse.selectNative(query, { parameters, settings, signal })) existing.#add(block);
    return existing;
  }

  /** Without buckets whose samples were deleted since. */
  of(series: ChunkSeries): KnownBuckets | undefined {
    const found = this.#chunks.get(keyOf(series));
    if (found === undefined) return undefined;
    const { block, row, generation } = found;
    const packed: Partial<Record<BucketColumn, Uint8Array>> = {};
    for (const column of BUCKET_COLUMNS) {
      const { ends, bytes } = block.byteLists(column);
      packed[column] = bytes.subarray(ends[row - 1] ?? 0, ends[row]);
    }
    const buckets = unpackBuckets(packed, this.#times.at(block.dictionary("times"), row, this.#startMs));
    const masks = masksOf(this.#masks, series, this.#startMs, this.#resolution);
    const ranges = masks.filter((range) => generation < range.generation);
    return { generation, buckets: ranges.length === 0 ? buckets : withoutDeletedBuckets(buckets, ranges) };
  }

  #add(block: NativeBlock): void {
    const [metricIds, seriesIds] = [block.words64("metric_id"), block.words64("series_id")];
    for (const [row, generation] of block.float64("generation_number").entries()) {
      const key = keyOf({
        metricIdLow: metricIds[row * 2]!,
        metricIdHigh: metricIds[row * 2 + 1]!,
        seriesIdLow: seriesIds[row * 2]!,
        seriesIdHigh: seriesIds[row * 2 + 1]!,
      });
      if ((this.#chunks.get(key)?.generation ?? -1) < generation) this.#chunks.set(key, { block, row, generation });
    }
  }
}

function keyOf({ metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh }: Omit<ChunkSeries, "className">): string {
  return `${metricIdHigh}.${metricIdLow}.${seriesIdHigh}.${seriesIdLow}`;
}
