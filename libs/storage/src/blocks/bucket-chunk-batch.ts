import { BUCKET_COLUMNS, packBuckets, type PackedBuckets, type Resolution } from "@monotreme/blocks";
import type { ClickHouse, NativeColumn } from "@monotreme/clickhouse";
import type { SampleBuckets } from "@monotreme/promql";
import type { ChunkInsertOptions, ChunkSeries } from "./raw-chunk-batch.ts";

/** What all chunks of buckets of one job have in common. */
export interface BucketOrigin {
  readonly resolution: Resolution;
  /** Of the block, epoch ms. */
  readonly startMs: number;
  /** Of two chunks of a series and block the one with the higher generation counts. */
  readonly generation: number;
}

interface BatchRow {
  readonly series: ChunkSeries;
  readonly buckets: number;
  readonly packed: PackedBuckets;
}

/** Chunks of buckets of one block on their way into the table: packed as they are added, inserted in one go. */
export class BucketChunkBatch {
  readonly #origin: BucketOrigin;
  #rows: BatchRow[] = [];
  #byteLength = 0;

  constructor(origin: BucketOrigin) {
    this.#origin = origin;
  }

  /** How many chunks wait. */
  get size(): number {
    return this.#rows.length;
  }

  /** Bytes of all that is packed. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Packs all buckets of a series in this block. None at all say that nothing is left of the series. */
  add(series: ChunkSeries, buckets: SampleBuckets): PackedBuckets {
    const packed = packBuckets(buckets, this.#origin.startMs);
    this.#rows.push({ series, buckets: buckets.ends.length, packed });
    this.#byteLength += packedBytes(packed);
    return packed;
  }

  /** Inserts all that waits and begins anew; on disk when the promise resolves. A repeat with the same token adds nothing. */
  async insert(clickhouse: ClickHouse, { deduplicationToken, signal }: ChunkInsertOptions): Promise<void> {
    if (this.#rows.length === 0) return;
    await clickhouse.insertNative("bucket_chunks", this.#columns(), this.#rows.length, {
      deduplicationToken,
      settings: { max_partitions_per_insert_block: "0" },
      ...(signal && { signal }),
    });
    this.#rows = [];
    this.#byteLength = 0;
  }

  #columns(): NativeColumn[] {
    const rows = this.#rows;
    const { resolution, startMs, generation } = this.#origin;
    const resolutions = new Uint32Array(rows.length).fill(resolution.resolutionMs);
    const starts = new BigInt64Array(rows.length).fill(BigInt(startMs));
    const generations = new BigUint64Array(rows.length).fill(BigInt(generation));
    const metricIds = rows.flatMap(({ series }) => [series.metricIdLow, series.metricIdHigh]);
    const seriesIds = rows.flatMap(({ series }) => [series.seriesIdLow, series.seriesIdHigh]);
    return [
      { name: "class", type: "String", values: rows.map(({ series }) => series.className) },
      { name: "resolution", type: "UInt32", chunks: [bytesOf(resolutions)] },
      { name: "metric_id", type: "UInt64", chunks: [bytesOf(Uint32Array.from(metricIds))] },
      { name: "series_id", type: "UInt64", chunks: [bytesOf(Uint32Array.from(seriesIds))] },
      { name: "start", type: "Int64", chunks: [bytesOf(starts)] },
      { name: "generation", type: "UInt64", chunks: [bytesOf(generations)] },
      { name: "buckets", type: "UInt32", chunks: [bytesOf(Uint32Array.from(rows, ({ buckets }) => buckets))] },
      { name: "times", type: "String", blobs: rows.map(({ packed }) => packed.times) },
      ...BUCKET_COLUMNS.map((name): NativeColumn => {
        const lists = rows.map(({ packed }) => packed[name]);
        const lengths = Uint32Array.from(lists, ({ length }) => length);
        return { name, type: "Array(UInt8)", pieces: [{ lengths, bytes: Buffer.concat(lists) }] };
      }),
    ];
  }
}

/** Bytes of a chunk before ClickHouse compresses them. */
export function packedBytes(packed: PackedBuckets): number {
  return BUCKET_COLUMNS.reduce((sum, column) => sum + packed[column].length, packed.times.length);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
