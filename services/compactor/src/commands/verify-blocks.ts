import {
  BUCKET_COLUMNS,
  type BucketColumn,
  ByteReader,
  unpackBuckets,
  unpackTimes,
  unpackValues,
} from "@monotreme/blocks";
import type { ClickHouse, NativeBlock } from "@monotreme/clickhouse";
import { messageOf } from "@monotreme/errors";
import { type BlockRecord, BucketTimesCache, resolutionOf } from "@monotreme/storage";
import { timeText } from "../status/describe-blocks.ts";

/** What is wrong with a chunk, or with what the catalog says of a block. */
export interface BlockFault {
  readonly block: string;
  readonly series: string | undefined;
  readonly fault: string;
}

/** What one block holds, by its chunks. */
export interface VerifiedBlock {
  readonly series: number;
  readonly samples: number;
  readonly faults: readonly BlockFault[];
}

/** One damaged block may have a fault a series; more than these are only counted. */
const MAX_FAULTS = 100;
const READ_SETTINGS = {
  low_cardinality_allow_in_native_format: 1,
  max_block_size: "4096",
  http_send_timeout: 900,
  max_execution_time: 0,
} as const;

/** Reads every chunk of a block that counts, unpacks it, and compares all of them with the catalog. */
export async function verifyBlock(
  clickhouse: ClickHouse,
  record: BlockRecord,
  signal: AbortSignal,
): Promise<VerifiedBlock> {
  const verifier = new BlockVerifier(record);
  const parameters = { start: String(record.startMs), resolution: String(record.resolutionMs) };
  const query = record.resolutionMs === 0 ? RAW_CHUNKS : BUCKET_CHUNKS;
  const options = { parameters, signal, settings: READ_SETTINGS, maxBytes: 2 ** 50 };
  for await (const block of clickhouse.selectNative(query, options)) verifier.add(block);
  return verifier.finish();
}

const NEWEST = "ORDER BY metric_id, series_id, generation DESC LIMIT 1 BY metric_id, series_id";
const RAW_CHUNKS = `SELECT metric_id, series_id, toFloat64(generation) AS made_by, samples AS held, times, data
  FROM raw_chunks WHERE start = {start:Int64} ${NEWEST}`;
const BUCKET_CHUNKS = `SELECT metric_id, series_id, toFloat64(generation) AS made_by, buckets AS held, times,
  ${BUCKET_COLUMNS.join(", ")} FROM bucket_chunks
  WHERE resolution = {resolution:UInt32} AND start = {start:Int64} ${NEWEST}`;

class BlockVerifier {
  readonly #record: BlockRecord;
  readonly #name: string;
  readonly #untilMs: number;
  readonly #times: BucketTimesCache;
  readonly #faults: BlockFault[] = [];
  #series = 0;
  #samples = 0;
  #omitted = 0;
  #isNewer = false;

  constructor(record: BlockRecord) {
    this.#record = record;
    const { name, blockMs } = resolutionOf(record.resolutionMs);
    this.#name = `${name} ${timeText(record.startMs)}`;
    this.#untilMs = record.startMs + blockMs;
    this.#times = new BucketTimesCache(record.resolutionMs);
  }

  add(block: NativeBlock): void {
    const [metricIds, seriesIds] = [block.uint64("metric_id"), block.uint64("series_id")];
    const [held, madeBy] = [block.uint32("held"), block.float64("made_by")];
    for (let row = 0; row < block.rowCount; row++) {
      const count = held[row] ?? 0;
      if (count > 0) this.#series += 1;
      this.#samples += count;
      if ((madeBy[row] ?? 0) > this.#record.generation) this.#isNewer = true;
      try {
        const fault =
          this.#record.resolutionMs === 0 ? this.#rawFault(block, row, count) : this.#bucketFault(block, row, count);
        if (fault !== undefined) this.#note(`${metricIds[row]}/${seriesIds[row]}`, fault);
      } catch (error) {
        this.#note(`${metricIds[row]}/${seriesIds[row]}`, messageOf(error));
      }
    }
  }

  finish(): VerifiedBlock {
    const { series, samples } = this.#record;
    // An attempt that is under way, or ended halfway, may have added to what the catalog says.
    if (!this.#isNewer && (series !== this.#series || samples !== this.#samples)) {
      this.#note(
        undefined,
        `the catalog says ${series} series and ${samples} samples, the chunks hold ${this.#series} and ${this.#samples}`,
      );
    }
    if (this.#omitted > 0)
      this.#faults.push({ block: this.#name, series: undefined, fault: `${this.#omitted} faults more` });
    return { series: this.#series, samples: this.#samples, faults: this.#faults };
  }

  #rawFault(block: NativeBlock, row: number, count: number): string | undefined {
    const { keys, indexes } = block.dictionary("times");
    const times = unpackTimes(keys[indexes[row] ?? 0] ?? new Uint8Array(0), this.#record.startMs);
    if (times.length !== count) return `it has ${times.length} timestamps and should have ${count}`;
    const { ends, bytes } = block.byteLists("data");
    unpackValues(bytes, new ByteReader(bytes, ends[row - 1] ?? 0, ends[row] ?? 0), count, new Float64Array(count), 0);
    return this.#orderFault(times);
  }

  #bucketFault(block: NativeBlock, row: number, count: number): string | undefined {
    const packed: Partial<Record<BucketColumn, Uint8Array>> = {};
    for (const column of BUCKET_COLUMNS) {
      const { ends, bytes } = block.byteLists(column);
      packed[column] = bytes.subarray(ends[row - 1] ?? 0, ends[row]);
    }
    const { ends } = unpackBuckets(packed, this.#times.at(block.dictionary("times"), row, this.#record.startMs));
    if (ends.length !== count) return `it has ${ends.length} buckets and should have ${count}`;
    return this.#orderFault(ends);
  }

  #orderFault(times: Float64Array): string | undefined {
    let previous = this.#record.startMs;
    for (const time of times) {
      if (time <= previous) return "its times do not ascend";
      previous = time;
    }
    return previous > this.#untilMs ? "its times reach beyond its block" : undefined;
  }

  #note(series: string | undefined, fault: string): void {
    if (this.#faults.length >= MAX_FAULTS) this.#omitted += 1;
    else this.#faults.push({ block: this.#name, series, fault });
  }
}
