import { ByteReader, unpackTimes, unpackValues } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import { AppError } from "@monotreme/errors";
import { wordsOf } from "@monotreme/model";
import {
  type BlockNumbers,
  type ChunkSeries,
  NOTHING_REMOVED,
  RawChunkBatch,
  RemovalBatch,
  type Removed,
  type SampleColumns,
} from "@monotreme/storage";
import type { JobContext } from "./block-job.ts";

/** A batch is inserted at this many chunks or bytes, whichever comes first. */
const BATCH_CHUNKS = 20_000;
const BATCH_BYTES = 8 * 2 ** 20;

/** A chunk does not give back what was put into it: a fault of ours, which another attempt does not mend. */
export class ChunkMismatchError extends AppError {
  constructor(series: ChunkSeries, what: string) {
    const id = (BigInt(series.seriesIdHigh) << 32n) | BigInt(series.seriesIdLow);
    super("BLOCK_CHUNK_MISMATCH", "internal", `the chunk of series ${id} does not give back its ${what}`);
  }
}

/** Packs series into chunks of one block, reads each back, and inserts them batch by batch. */
export class ChunkWriter {
  readonly #clickhouse: ClickHouse;
  readonly #context: JobContext;
  readonly #batch: RawChunkBatch;
  readonly #removals = new RemovalBatch("samples");
  #scratch = new Float64Array(4096);
  #batches = 0;
  #series = 0;
  #samples = 0;
  #bytes = 0;
  #minMs = Infinity;
  #maxMs = -Infinity;

  constructor(clickhouse: ClickHouse, context: JobContext) {
    this.#clickhouse = clickhouse;
    this.#context = context;
    const { startMs, generation } = context.record;
    this.#batch = new RawChunkBatch({ startMs, generation });
  }

  /** What was written so far. */
  get numbers(): BlockNumbers {
    const isEmpty = this.#samples === 0;
    return {
      series: this.#series,
      samples: this.#samples,
      bytes: this.#bytes,
      minMs: isEmpty ? 0 : this.#minMs,
      maxMs: isEmpty ? 0 : this.#maxMs,
    };
  }

  /** Whether `flush` is due. */
  get isFull(): boolean {
    return this.#batch.size >= BATCH_CHUNKS || this.#batch.byteLength >= BATCH_BYTES;
  }

  /**
   * `removed` is what deletions have taken out of the samples since they stood in a chunk. Throws
   * {@link ChunkMismatchError} where a chunk does not hold what it was made of.
   */
  add(series: ChunkSeries, samples: SampleColumns, removed: Removed = NOTHING_REMOVED): void {
    const { times, data } = this.#batch.add(series, samples);
    this.#check(series, samples, times, data);
    const { timestamps } = samples;
    if (timestamps.length > 0) this.#series += 1;
    this.#samples += timestamps.length;
    this.#removals.add(removed);
    // The times of neighbours are mostly the same and stored once.
    this.#bytes += data.length;
    this.#minMs = Math.min(this.#minMs, timestamps[0] ?? Infinity);
    this.#maxMs = Math.max(this.#maxMs, timestamps.at(-1) ?? -Infinity);
  }

  /** Inserts what waits; the lease is looked at right before. */
  async flush(): Promise<void> {
    if (this.#batch.size === 0) return;
    const { record, signal, guard } = this.#context;
    guard();
    const part = this.#batches++;
    const deduplicationToken = `raw/${record.startMs}/${record.generation}/${part}`;
    // Before the chunks: a deletion is complete when no chunk holds anything of it, and its receipt is final then.
    await this.#removals.insert(this.#clickhouse, { record, part, signal });
    await this.#batch.insert(this.#clickhouse, { deduplicationToken, signal });
  }

  #check(series: ChunkSeries, { timestamps, values }: SampleColumns, times: Uint8Array, data: Uint8Array): void {
    const count = timestamps.length;
    const unpackedTimes = unpackTimes(times, this.#context.record.startMs);
    if (unpackedTimes.length !== count) throw new ChunkMismatchError(series, "timestamps");
    for (let i = 0; i < count; i++) {
      if (unpackedTimes[i] !== timestamps[i]) throw new ChunkMismatchError(series, "timestamps");
    }
    if (this.#scratch.length < count) this.#scratch = new Float64Array(count * 2);
    unpackValues(data, new ByteReader(data), count, this.#scratch, 0);
    const packed = wordsOf(values);
    const unpacked = wordsOf(this.#scratch);
    for (let i = 0; i < count * 2; i++) {
      if (packed[i] !== unpacked[i]) throw new ChunkMismatchError(series, "values");
    }
  }
}
