import { ByteReader, unpackValues, unreadableChunk } from "@monotreme/blocks";
import type { NativeBlock } from "@monotreme/clickhouse";
import { collapseDuplicates, type SampleColumns } from "../better-sample.ts";
import { type DeletionMasks, withoutDeleted } from "./deletion-masks.ts";
import { mergeSamples } from "./merge-samples.ts";
import { Timelines } from "./timelines.ts";
import { ValueSlabs } from "./value-slabs.ts";

/** One chunk of a series, still packed. */
interface PackedChunk {
  readonly startMs: number;
  readonly generation: number;
  readonly times: Float64Array;
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly end: number;
}

/** Samples with `afterMs < timestamp ≤ untilMs`. */
export interface OpenRange {
  readonly afterMs: number;
  readonly untilMs: number;
}

export interface ChunkAssemblerOptions extends OpenRange {
  /** What was deleted and may still stand in chunks. */
  readonly masks?: DeletionMasks;
  /** The metric of all chunks, where they are of one; they are known by `0n` then. */
  readonly metricId?: bigint;
}

interface Cut {
  readonly from: number;
  readonly end: number;
  readonly timestamps: Float64Array;
}

/** The columns that {@link ChunkAssembler.add} reads; `metric_id` beside them where there is more than one metric. */
export const CHUNK_COLUMNS =
  "series_id, toFloat64(start) AS start_ms, toFloat64(generation) AS generation_number, samples, times, data";

/**
 * Collects the chunks of many series in any order and unpacks each series in one go, straight into its place. Of several
 * chunks of one series and window the one of the highest generation counts.
 */
export class ChunkAssembler {
  readonly #chunks = new Map<bigint, Map<bigint, PackedChunk[]>>();
  readonly #timelines = new Timelines();
  readonly #values = new ValueSlabs();
  readonly #cuts = new Map<Float64Array, Cut>();
  readonly #options: ChunkAssemblerOptions;

  constructor(options: ChunkAssemblerOptions) {
    this.#options = options;
  }

  /** `count` is told the samples of the block before anything of it is unpacked. */
  add(block: NativeBlock, isOneMetric: boolean, count: (samples: number) => void): void {
    const samples = block.uint32("samples");
    count(samples.reduce((sum, ofChunk) => sum + ofChunk, 0));
    const metricIds = isOneMetric ? undefined : block.uint64("metric_id");
    const seriesIds = block.uint64("series_id");
    const starts = block.float64("start_ms");
    const generations = block.float64("generation_number");
    const { keys, indexes } = block.dictionary("times");
    const { ends, bytes } = block.byteLists("data");
    const unpacked = keys.map(() => new Map<number, Float64Array>());
    let ofMetric = this.#ofMetric(0n);
    let metricId = 0n;
    for (let row = 0; row < block.rowCount; row++) {
      if (metricIds !== undefined && metricIds[row] !== metricId) {
        metricId = metricIds[row]!;
        ofMetric = this.#ofMetric(metricId);
      }
      const startMs = starts[row]!;
      const index = indexes[row]!;
      let times = unpacked[index]!.get(startMs);
      if (times === undefined) unpacked[index]!.set(startMs, (times = this.#timelines.unpack(keys[index]!, startMs)));
      if (times.length !== samples[row]) throw unreadableChunk("its times are not as many as its samples");
      const chunk = { startMs, generation: generations[row]!, times, bytes, from: ends[row - 1] ?? 0, end: ends[row]! };
      const seriesId = seriesIds[row]!;
      const chunks = ofMetric.get(seriesId);
      if (chunks === undefined) ofMetric.set(seriesId, [chunk]);
      else addNewest(chunks, chunk);
    }
  }

  /** The ids of all series that have chunks and were not taken yet; `0n` as metric where all are of one. */
  *remaining(): Generator<readonly [metricId: bigint, seriesId: bigint]> {
    for (const [metricId, ofMetric] of this.#chunks) for (const seriesId of ofMetric.keys()) yield [metricId, seriesId];
  }

  /**
   * The samples of a series in the range, together with those of rows, which are in time order and of the same range.
   * Each series is taken once; the timestamps may belong to others as well and are not to be changed.
   */
  take(metricId: bigint, seriesId: bigint, rows?: SampleColumns): SampleColumns | undefined {
    const ofMetric = this.#chunks.get(metricId);
    const chunks = ofMetric?.get(seriesId);
    if (chunks === undefined) return rows;
    ofMetric?.delete(seriesId);
    chunks.sort((a, b) => a.startMs - b.startMs);
    const left = this.#withoutDeleted(this.#options.metricId ?? metricId, seriesId, chunks);
    if (left !== undefined) return collapseDuplicates(mergeSamples(this.#trim(left), rows ?? NOTHING));
    const last = chunks.at(-1)?.times.at(-1) ?? -Infinity;
    const isTail = rows !== undefined && (rows.timestamps[0] ?? Infinity) > last;
    const tail = isTail ? rows : undefined;
    const timestamps = this.#timelines.join(
      chunks.map(({ times }) => times),
      tail?.timestamps,
    );
    const values = this.#values.take(timestamps.length);
    let at = 0;
    for (const { times, bytes, from, end } of chunks) {
      unpackValues(bytes, new ByteReader(bytes, from, end), times.length, values, at);
      at += times.length;
    }
    if (tail !== undefined) values.set(tail.values, at);
    const samples = this.#trim({ timestamps, values });
    return rows === undefined || isTail ? samples : collapseDuplicates(mergeSamples(samples, rows));
  }

  /** What deletions leave of a series in arrays of its own; undefined where none concerns it. */
  #withoutDeleted(metricId: bigint, seriesId: bigint, chunks: readonly PackedChunk[]): SampleColumns | undefined {
    const { masks } = this.#options;
    if (masks === undefined || masks.isEmpty) return undefined;
    const words = [wordOf(metricId), wordOf(metricId >> 32n), wordOf(seriesId), wordOf(seriesId >> 32n)] as const;
    const ranges = chunks.map(({ startMs }) => masks.maskOf(...words, startMs));
    if (ranges.every(({ length }) => length === 0)) return undefined;
    let left = NOTHING;
    for (const [i, { times, bytes, from, end, generation }] of chunks.entries()) {
      const timestamps = times.slice();
      const values = new Float64Array(times.length);
      unpackValues(bytes, new ByteReader(bytes, from, end), times.length, values, 0);
      const kept = withoutDeleted(timestamps, values, times.length, { ranges: ranges[i] ?? [], generation });
      left = mergeSamples(left, { timestamps: timestamps.subarray(0, kept), values: values.subarray(0, kept) });
    }
    return left;
  }

  /** Timestamps that several series share stay one array when they are cut. */
  #trim({ timestamps, values }: SampleColumns): SampleColumns {
    let cut = this.#cuts.get(timestamps);
    if (cut === undefined) this.#cuts.set(timestamps, (cut = cutTo(timestamps, this.#options)));
    const { from, end } = cut;
    return from === 0 && end === values.length
      ? { timestamps, values }
      : { timestamps: cut.timestamps, values: values.subarray(from, end) };
  }

  #ofMetric(metricId: bigint): Map<bigint, PackedChunk[]> {
    let ofMetric = this.#chunks.get(metricId);
    if (ofMetric === undefined) this.#chunks.set(metricId, (ofMetric = new Map()));
    return ofMetric;
  }
}

const NOTHING: SampleColumns = { timestamps: new Float64Array(), values: new Float64Array() };

function wordOf(id: bigint): number {
  return Number(id & 0xffff_ffffn);
}

function addNewest(chunks: PackedChunk[], chunk: PackedChunk): void {
  const at = chunks.findIndex(({ startMs }) => startMs === chunk.startMs);
  if (at < 0) chunks.push(chunk);
  else if (chunks[at]!.generation < chunk.generation) chunks[at] = chunk;
}

function cutTo(timestamps: Float64Array, { afterMs, untilMs }: OpenRange): Cut {
  let from = 0;
  let end = timestamps.length;
  while (from < end && timestamps[from]! <= afterMs) from++;
  while (end > from && timestamps[end - 1]! > untilMs) end--;
  return { from, end, timestamps: timestamps.subarray(from, end) };
}
