import type { Resolution } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import type { SampleBuckets } from "@monotreme/promql";
import {
  BucketChunkBatch,
  type ChunkSeries,
  NOTHING_REMOVED,
  packedBytes,
  RemovalBatch,
  type Removed,
} from "@monotreme/storage";
import type { JobContext } from "../jobs/block-job.ts";

/** A batch is inserted at this many chunks or bytes, whichever comes first. */
const BATCH_CHUNKS = 20_000;
const BATCH_BYTES = 8 * 2 ** 20;

/** Packs the buckets of series into chunks of one block and inserts them batch by batch. */
export class BucketWriter {
  readonly #clickhouse: ClickHouse;
  readonly #context: JobContext;
  readonly #resolution: Resolution;
  readonly #batch: BucketChunkBatch;
  readonly #removals = new RemovalBatch("buckets");
  #batches = 0;
  #buckets = 0;
  #bytes = 0;
  #minMs = Infinity;
  #maxMs = -Infinity;

  constructor(clickhouse: ClickHouse, resolution: Resolution, context: JobContext) {
    this.#clickhouse = clickhouse;
    this.#context = context;
    this.#resolution = resolution;
    const { startMs, generation } = context.record;
    this.#batch = new BucketChunkBatch({ resolution, startMs, generation });
  }

  /** What was written so far; of the first and the last sample the times, infinite where there are none. */
  get written(): { readonly buckets: number; readonly bytes: number; readonly minMs: number; readonly maxMs: number } {
    return { buckets: this.#buckets, bytes: this.#bytes, minMs: this.#minMs, maxMs: this.#maxMs };
  }

  /** Whether `flush` is due. */
  get isFull(): boolean {
    return this.#batch.size >= BATCH_CHUNKS || this.#batch.byteLength >= BATCH_BYTES;
  }

  /** `removed` is how many buckets deletions have taken away whole. */
  add(series: ChunkSeries, buckets: SampleBuckets, removed: Removed = NOTHING_REMOVED): void {
    this.#removals.add(removed);
    this.#bytes += packedBytes(this.#batch.add(series, buckets));
    this.#buckets += buckets.ends.length;
    const { counts, firstTimes, lastTimes } = buckets;
    const first = counts.findIndex((count) => count > 0);
    if (first < 0) return;
    this.#minMs = Math.min(this.#minMs, firstTimes[first]!);
    this.#maxMs = Math.max(this.#maxMs, lastTimes[counts.findLastIndex((count) => count > 0)]!);
  }

  /** Inserts what waits; the lease is looked at right before. */
  async flush(): Promise<void> {
    if (this.#batch.size === 0) return;
    const { record, signal, guard } = this.#context;
    guard();
    const part = this.#batches++;
    const deduplicationToken = `${this.#resolution.name}/${record.startMs}/${record.generation}/${part}`;
    // Before the chunks: a deletion is complete when no chunk holds anything of it, and its receipt is final then.
    await this.#removals.insert(this.#clickhouse, { record, part, signal });
    await this.#batch.insert(this.#clickhouse, { deduplicationToken, signal });
  }
}
