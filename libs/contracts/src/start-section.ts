import { GrowingWords } from "./growing-columns.ts";
import { SampleBatchError } from "./sample-batch-error.ts";

/**
 * The section of start timestamps of a sample batch: when the counting of a sample (a float or a histogram) began, for
 * those of which that is known. Four columns of n × 8 bytes: metric ids, series ids, timestamps of the samples, starts.
 */
export interface StartColumns {
  readonly rowCount: number;
  readonly metricIds: Uint32Array;
  readonly seriesIds: Uint32Array;
  readonly timestamps: Uint32Array;
  readonly starts: Uint32Array;
}

/** Collects start timestamps and lays them out as {@link StartColumns} documents. */
export class StartSectionWriter {
  readonly #metricIds = new GrowingWords();
  readonly #seriesIds = new GrowingWords();
  readonly #timestamps = new GrowingWords();
  readonly #starts = new GrowingWords();
  count = 0;

  get sizeBytes(): number {
    return this.count * 32;
  }

  add(
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    timestampMs: number,
    startMs: number,
  ): void {
    this.#metricIds.push(metricIdLow, metricIdHigh);
    this.#seriesIds.push(seriesIdLow, seriesIdHigh);
    this.#timestamps.pushInt64(timestampMs);
    this.#starts.pushInt64(startMs);
    this.count++;
  }

  clear(): void {
    for (const column of [this.#metricIds, this.#seriesIds, this.#timestamps, this.#starts]) column.clear();
    this.count = 0;
  }

  /** The section, as a copy. */
  toBytes(): Uint8Array {
    return Buffer.concat([
      this.#metricIds.toBytes(),
      this.#seriesIds.toBytes(),
      this.#timestamps.toBytes(),
      this.#starts.toBytes(),
    ]);
  }
}

/** Reads a section without a copy (its bytes are 8-byte aligned); throws SampleBatchError where it is broken. */
export function decodeStartColumns(bytes: Uint8Array, rowCount: number): StartColumns {
  if (bytes.length !== rowCount * 32) throw new SampleBatchError("its start timestamps have a wrong length");
  const column = (index: number): Uint32Array =>
    new Uint32Array(bytes.buffer, bytes.byteOffset + index * rowCount * 8, rowCount * 2);
  return { rowCount, metricIds: column(0), seriesIds: column(1), timestamps: column(2), starts: column(3) };
}
