import {
  BUCKET_COLUMNS,
  type BucketColumn,
  ByteReader,
  FIVE_MINUTES,
  ONE_HOUR,
  RAW,
  type Resolution,
  startOf,
  unpackBuckets,
  unpackTimes,
  unpackValues,
  unreadableChunk,
  WINDOW_MS,
} from "@monotreme/blocks";
import { bucketize, coarsen, joinBuckets, type SampleBuckets } from "@monotreme/promql";
import {
  bucketsWithin,
  BucketTimesCache,
  type ChunkSeries,
  type DeletionMasks,
  withoutDeleted,
  withoutDeletedBuckets,
} from "@monotreme/storage";
import type { SourceChunk } from "./source-series.ts";

/** The buckets that a chunk of finer data makes, and the windows of which it holds everything there is of its series. */
export interface FreshBuckets {
  readonly generation: number;
  readonly windows: readonly number[];
  /** Undefined where nothing is left. */
  readonly buckets: SampleBuckets | undefined;
}

/** Finer data that buckets are made of. */
export interface BucketSource {
  readonly table: string;
  /** Condition on the rows that hold the windows (their starts). */
  condition(windows: readonly number[]): string;
  /** Beside those of every source. */
  readonly columns: readonly string[];
  bucketsOf(chunk: SourceChunk, series: ChunkSeries): FreshBuckets;
  /** What a chunk holds, in the unit that the job counts as read. */
  sizeOf(chunk: SourceChunk): number;
}

/** Where the buckets of a resolution come from: 5m from raw chunks, 1h from 5m chunks. */
export function bucketSourceOf(
  { resolutionMs }: Pick<Resolution, "resolutionMs">,
  windows: readonly number[],
  masks: DeletionMasks,
): BucketSource {
  if (resolutionMs === FIVE_MINUTES.resolutionMs) return new RawSource(resolutionMs, masks);
  if (resolutionMs === ONE_HOUR.resolutionMs) return new FiveMinutesSource(resolutionMs, windows, masks);
  throw unreadableChunk(`there is no resolution of ${resolutionMs} ms`);
}

class RawSource implements BucketSource {
  readonly table = "raw_chunks";
  readonly columns = ["samples", "times", "data"];
  readonly #resolutionMs: number;
  readonly #masks: DeletionMasks;
  readonly #times = new Map<string, Float64Array>();

  constructor(resolutionMs: number, masks: DeletionMasks) {
    this.#resolutionMs = resolutionMs;
    this.#masks = masks;
  }

  condition(windows: readonly number[]): string {
    return `start IN (${windows.join(",")})`;
  }

  sizeOf({ block, row }: SourceChunk): number {
    return block.uint32("samples")[row]!;
  }

  bucketsOf({ block, row, startMs, generation }: SourceChunk, series: ChunkSeries): FreshBuckets {
    const nothing = { generation, windows: [startMs], buckets: undefined };
    const { keys, indexes } = block.dictionary("times");
    const shared = this.#unpackTimes(keys[indexes[row]!]!, startMs);
    if (shared.length !== block.uint32("samples")[row])
      throw unreadableChunk("its times are not as many as its samples");
    if (shared.length === 0) return nothing;
    const { ends, bytes } = block.byteLists("data");
    const values = new Float64Array(shared.length);
    unpackValues(bytes, new ByteReader(bytes, ends[row - 1] ?? 0, ends[row]), values.length, values, 0);
    const ranges = masksOf(this.#masks, series, startMs, RAW);
    if (ranges.length === 0)
      return { ...nothing, buckets: bucketize({ timestamps: shared, values }, this.#resolutionMs) };
    const timestamps = shared.slice();
    const kept = withoutDeleted(timestamps, values, values.length, { ranges, generation });
    const samples = { timestamps: timestamps.subarray(0, kept), values: values.subarray(0, kept) };
    return kept === 0 ? nothing : { ...nothing, buckets: bucketize(samples, this.#resolutionMs) };
  }

  /** Series of one scrape share their times. */
  #unpackTimes(bytes: Uint8Array, startMs: number): Float64Array {
    const key = `${startMs}/${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1")}`;
    let times = this.#times.get(key);
    if (times === undefined) {
      if (this.#times.size >= MAX_TIMES) this.#times.clear();
      this.#times.set(key, (times = unpackTimes(bytes, startMs)));
    }
    return times;
  }
}

/** Of as many scrapes the times are held; beyond, they are unpacked again. */
const MAX_TIMES = 4096;

class FiveMinutesSource implements BucketSource {
  readonly table = "bucket_chunks";
  readonly columns = ["buckets", "times", ...BUCKET_COLUMNS];
  readonly #resolutionMs: number;
  readonly #windowsOf = new Map<number, number[]>();
  readonly #masks: DeletionMasks;
  readonly #times = new BucketTimesCache(FIVE_MINUTES.resolutionMs, MAX_TIMES);

  constructor(resolutionMs: number, windows: readonly number[], masks: DeletionMasks) {
    this.#resolutionMs = resolutionMs;
    this.#masks = masks;
    for (const window of windows) {
      const startMs = startOf(window + 1, FIVE_MINUTES.blockMs);
      const ofBlock = this.#windowsOf.get(startMs);
      if (ofBlock === undefined) this.#windowsOf.set(startMs, [window]);
      else ofBlock.push(window);
    }
  }

  condition(windows: readonly number[]): string {
    const starts = new Set(windows.map((window) => startOf(window + 1, FIVE_MINUTES.blockMs)));
    return `resolution = ${FIVE_MINUTES.resolutionMs} AND start IN (${[...starts].join(",")})`;
  }

  sizeOf({ block, row }: SourceChunk): number {
    return block.uint32("buckets")[row]!;
  }

  bucketsOf({ block, row, startMs, generation }: SourceChunk, series: ChunkSeries): FreshBuckets {
    const windows = this.#windowsOf.get(startMs) ?? [];
    const packed: Partial<Record<BucketColumn, Uint8Array>> = {};
    for (const column of BUCKET_COLUMNS) {
      const { ends, bytes } = block.byteLists(column);
      packed[column] = bytes.subarray(ends[row - 1] ?? 0, ends[row]);
    }
    const unpacked = unpackBuckets(packed, this.#times.at(block.dictionary("times"), row, startMs));
    const ranges = masksOf(this.#masks, series, startMs, FIVE_MINUTES).filter((range) => generation < range.generation);
    const left = ranges.length === 0 ? unpacked : withoutDeletedBuckets(unpacked, ranges);
    const parts = bucketsWithin(left, windowRanges(windows));
    return { generation, windows, buckets: parts.length === 0 ? undefined : this.#coarse(joinBuckets(parts)) };
  }

  #coarse(buckets: SampleBuckets): SampleBuckets {
    return coarsen(buckets, this.#resolutionMs);
  }
}

/** Windows (their starts, in order) as ranges of time. */
export function windowRanges(windows: readonly number[]): { readonly afterMs: number; readonly untilMs: number }[] {
  return windows.map((startMs) => ({ afterMs: startMs, untilMs: startMs + WINDOW_MS }));
}

/** The deleted ranges of a series in a block. */
export function masksOf(
  masks: DeletionMasks,
  { metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh }: ChunkSeries,
  startMs: number,
  { blockMs }: Pick<Resolution, "blockMs">,
): ReturnType<DeletionMasks["maskOf"]> {
  if (masks.isEmpty) return [];
  return masks.maskOf(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, startMs, blockMs);
}
