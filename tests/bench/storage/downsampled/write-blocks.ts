import { FIVE_MINUTES, ONE_HOUR, type Resolution, startOf, WINDOW_MS } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import { createSeriesHasher } from "@monotreme/model";
import { bucketize, coarsen, joinBuckets, type SampleBuckets } from "@monotreme/promql";
import {
  BlockCatalog,
  type BlockKey,
  BucketChunkBatch,
  type ChunkSeries,
  createSampleStore,
  dayOf,
  RawChunkBatch,
  type SampleColumns,
  type SeriesRow,
  windowInput,
} from "@monotreme/storage";
import { type LongLoad, type LongSeries, longSeries, timesOfDay } from "./long-series.ts";

const TENANT = "anonymous";
const DAY_MS = 86_400_000;
const WINDOWS_A_DAY = DAY_MS / WINDOW_MS;

type Ids = Omit<ChunkSeries, "className">;

interface Written extends ChunkSeries {
  readonly source: LongSeries;
  /** Buckets of 1 h of the week that is not written yet. */
  hours: SampleBuckets[];
}

/** What was written. */
export interface WrittenBlocks {
  readonly samples: number;
  readonly blocks: number;
}

/**
 * Writes blocks of all resolutions as the compactor leaves them, and the index of series of each day; so a query finds
 * buckets that are as new as their samples. A day at a time is held.
 */
export async function writeBlocks(clickhouse: ClickHouse, load: LongLoad): Promise<WrittenBlocks> {
  const hasher = await createSeriesHasher();
  const series: Written[] = longSeries(load).map((source) => {
    const ids = idsOf(hasher.metricId(TENANT, source.labels.get("__name__")), hasher.seriesId(TENANT, source.labels));
    return { ...ids, className: "default", source, hours: [] };
  });
  const writer = new BlockWriter(clickhouse, series);
  for (let day = load.days; day > 0; day--) await writer.writeDay(load.endMs - day * DAY_MS, load.intervalSeconds);
  await writer.finishWeek();
  for (const table of ["raw_chunks", "bucket_chunks", "series"]) {
    await clickhouse.command(`OPTIMIZE TABLE ${table} FINAL`);
  }
  return writer.written;
}

function idsOf(metricId: bigint, seriesId: bigint): Ids {
  const low = (id: bigint): number => Number(id & 0xffffffffn);
  const high = (id: bigint): number => Number(id >> 32n);
  return {
    metricIdLow: low(metricId),
    metricIdHigh: high(metricId),
    seriesIdLow: low(seriesId),
    seriesIdHigh: high(seriesId),
  };
}

class BlockWriter {
  readonly #clickhouse: ClickHouse;
  readonly #catalog: BlockCatalog;
  readonly #series: readonly Written[];
  #generation = 0;
  #samples = 0;
  #blocks = 0;
  #weekMs = Number.NaN;
  #weekInputs: string[] = [];

  constructor(clickhouse: ClickHouse, series: readonly Written[]) {
    this.#clickhouse = clickhouse;
    this.#catalog = new BlockCatalog(clickhouse, "bench");
    this.#series = series;
  }

  get written(): WrittenBlocks {
    return { samples: this.#samples, blocks: this.#blocks };
  }

  async writeDay(dayMs: number, intervalSeconds: number): Promise<void> {
    const times = new Map<number, Float64Array>();
    const columns = this.#series.map(({ source: { target, nextValue } }): SampleColumns => {
      let timestamps = times.get(target);
      if (timestamps === undefined) times.set(target, (timestamps = timesOfDay(target, dayMs, intervalSeconds)));
      return { timestamps, values: Float64Array.from(timestamps, nextValue) };
    });
    await this.#writeIndex(dayMs);
    const inputs = await Promise.all(
      Array.from({ length: WINDOWS_A_DAY }, async (_, window) => {
        const startMs = dayMs + window * WINDOW_MS;
        return windowInput(startMs, await this.#writeWindow(startMs, columns, window));
      }),
    );
    const weekMs = startOf(dayMs + 1, ONE_HOUR.blockMs);
    if (weekMs !== this.#weekMs) await this.finishWeek();
    this.#weekMs = weekMs;
    this.#weekInputs.push(...inputs);
    const fine = columns.map((samples) => bucketize(samples, FIVE_MINUTES.resolutionMs));
    await this.#writeBuckets(FIVE_MINUTES, dayMs, inputs, (_, i) => fine[i]!);
    for (const [i, { hours }] of this.#series.entries()) hours.push(coarsen(fine[i]!, ONE_HOUR.resolutionMs));
  }

  async finishWeek(): Promise<void> {
    if (this.#weekInputs.length === 0) return;
    await this.#writeBuckets(ONE_HOUR, this.#weekMs, this.#weekInputs, ({ hours }) => joinBuckets(hours));
    for (const one of this.#series) one.hours = [];
    this.#weekInputs = [];
  }

  async #writeIndex(dayMs: number): Promise<void> {
    const rows = this.#series.map(
      ({ source: { labels }, ...ids }): SeriesRow => ({ ...ids, tenant: TENANT, day: dayOf(dayMs + 1), labels }),
    );
    await createSampleStore(this.#clickhouse).insertSeries(rows, { deduplicationToken: `bench/${dayMs}` });
  }

  async #writeWindow(startMs: number, columns: readonly SampleColumns[], window: number): Promise<number> {
    const key = { resolutionMs: 0, startMs };
    const generation = (this.#generation += 2);
    const batch = new RawChunkBatch({ startMs, generation });
    let samples = 0;
    for (const [i, { timestamps, values }] of columns.entries()) {
      // Nothing lies on a border, so each window has its share of the day.
      const [from, to] = [window, window + 1].map((n) => (timestamps.length / WINDOWS_A_DAY) * n);
      const inWindow = { timestamps: timestamps.subarray(from, to), values: values.subarray(from, to) };
      batch.add(this.#series[i]!, inWindow);
      samples += inWindow.timestamps.length;
    }
    this.#samples += samples;
    await this.#publish({ ...key, generation }, batch, [], samples);
    return generation;
  }

  async #writeBuckets(
    resolution: Resolution,
    startMs: number,
    inputs: readonly string[],
    bucketsOf: (series: Written, index: number) => SampleBuckets,
  ): Promise<void> {
    const generation = (this.#generation += 2);
    const batch = new BucketChunkBatch({ resolution, startMs, generation });
    let count = 0;
    for (const [i, one] of this.#series.entries()) {
      const buckets = bucketsOf(one, i);
      batch.add(one, buckets);
      count += buckets.ends.length;
    }
    await this.#publish({ resolutionMs: resolution.resolutionMs, startMs, generation }, batch, inputs, count);
  }

  async #publish(
    key: BlockKey & { readonly generation: number },
    batch: RawChunkBatch | BucketChunkBatch,
    inputs: readonly string[],
    samples: number,
  ): Promise<void> {
    const bytes = batch.byteLength;
    await batch.insert(this.#clickhouse, { deduplicationToken: `bench/${key.generation}` });
    const now = Date.now();
    const record = { ...key, state: "building", inputs, attempts: 0, holder: "", reason: "" } as const;
    const numbers = { series: this.#series.length, samples, bytes, minMs: key.startMs, maxMs: key.startMs };
    await this.#catalog.publish({ ...record, ...numbers, version: now, updatedMs: now }, inputs, numbers);
    this.#blocks++;
  }
}
