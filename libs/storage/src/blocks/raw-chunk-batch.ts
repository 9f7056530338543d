import { ByteWriter, packTimes, packValues } from "@monotreme/blocks";
import type { ClickHouse, NativeColumn } from "@monotreme/clickhouse";
import type { SampleColumns } from "../better-sample.ts";

/** Whose samples a chunk holds: ids as words, and the retention class that decides how long it stays. */
export interface ChunkSeries {
  readonly className: string;
  readonly metricIdLow: number;
  readonly metricIdHigh: number;
  readonly seriesIdLow: number;
  readonly seriesIdHigh: number;
}

/** What all chunks of one job have in common. */
export interface ChunkOrigin {
  /** Of the window, epoch ms. */
  readonly startMs: number;
  /** Of two chunks of a series and window the one with the higher generation counts. */
  readonly generation: number;
}

export interface ChunkInsertOptions {
  readonly deduplicationToken: string;
  readonly signal?: AbortSignal;
}

/** Chunks of one window on their way into the table: packed as they are added, inserted in one go. */
export class RawChunkBatch {
  readonly #origin: ChunkOrigin;
  readonly #classes: string[] = [];
  readonly #metricIds: number[] = [];
  readonly #seriesIds: number[] = [];
  readonly #samples: number[] = [];
  readonly #times: Uint8Array[] = [];
  readonly #data: Uint8Array[] = [];
  readonly #writer = new ByteWriter();
  #byteLength = 0;

  constructor(origin: ChunkOrigin) {
    this.#origin = origin;
  }

  /** How many chunks wait. */
  get size(): number {
    return this.#samples.length;
  }

  /** Bytes of all that is packed. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /**
   * Packs the samples of a series in this window: in time order, one a timestamp. None at all say that nothing is left
   * of the series. Returns what was packed, so that the caller may check it.
   */
  add(
    series: ChunkSeries,
    { timestamps, values }: SampleColumns,
  ): { readonly times: Uint8Array; readonly data: Uint8Array } {
    const count = timestamps.length;
    packTimes(timestamps, 0, count, this.#origin.startMs, this.#writer);
    const times = this.#writer.take();
    packValues(values, 0, count, this.#writer);
    const data = this.#writer.take();
    this.#classes.push(series.className);
    this.#metricIds.push(series.metricIdLow, series.metricIdHigh);
    this.#seriesIds.push(series.seriesIdLow, series.seriesIdHigh);
    this.#samples.push(count);
    this.#times.push(times);
    this.#data.push(data);
    this.#byteLength += times.length + data.length;
    return { times, data };
  }

  /** Inserts all that waits and begins anew; on disk when the promise resolves. A repeat with the same token adds nothing. */
  async insert(clickhouse: ClickHouse, { deduplicationToken, signal }: ChunkInsertOptions): Promise<void> {
    const rowCount = this.size;
    if (rowCount === 0) return;
    await clickhouse.insertNative("raw_chunks", this.#columns(), rowCount, {
      deduplicationToken,
      settings: { max_partitions_per_insert_block: "0" },
      ...(signal && { signal }),
    });
    for (const list of [this.#classes, this.#metricIds, this.#seriesIds, this.#samples, this.#times, this.#data]) {
      list.length = 0;
    }
    this.#byteLength = 0;
  }

  #columns(): NativeColumn[] {
    const rowCount = this.size;
    const start = new BigInt64Array(rowCount).fill(BigInt(this.#origin.startMs));
    const generation = new BigUint64Array(rowCount).fill(BigInt(this.#origin.generation));
    const lengths = Uint32Array.from(this.#data, ({ length }) => length);
    return [
      { name: "class", type: "String", values: this.#classes },
      { name: "metric_id", type: "UInt64", chunks: [wordBytes(this.#metricIds)] },
      { name: "series_id", type: "UInt64", chunks: [wordBytes(this.#seriesIds)] },
      { name: "start", type: "Int64", chunks: [new Uint8Array(start.buffer)] },
      { name: "generation", type: "UInt64", chunks: [new Uint8Array(generation.buffer)] },
      { name: "samples", type: "UInt32", chunks: [wordBytes(this.#samples)] },
      { name: "times", type: "String", blobs: this.#times },
      { name: "data", type: "Array(UInt8)", pieces: [{ lengths, bytes: Buffer.concat(this.#data) }] },
    ];
  }
}

function wordBytes(words: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(words).buffer);
}
