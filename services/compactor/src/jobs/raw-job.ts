import { WINDOW_MS } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import { AppError } from "@monotreme/errors";
import {
  type BlockNumbers,
  type BlockRecord,
  type DeletionMasks,
  highestDeletionWithin,
  NOTHING_REMOVED,
  readSampleParts,
  type SamplePart,
} from "@monotreme/storage";
import type { BlockJob, JobContext, JobResult } from "./block-job.ts";
import { ChunkWriter } from "./chunk-writer.ts";
import { readExistingSamples, type SeriesSamples } from "./existing-samples.ts";
import { type CutSeries, SeriesCutter } from "./series-cutter.ts";

/** The retention classes of series, in their order; `ids` are four words a series, metric before series, low first. */
export type ClassesOfSeries = (
  ids: Uint32Array,
  windowMs: number,
  signal: AbortSignal,
) => Promise<readonly string[]> | readonly string[];

export interface RawJobOptions {
  readonly clickhouse: ClickHouse;
  readonly classesOf: ClassesOfSeries;
  /** The deletions in force, which take samples out of chunks that are written again. */
  readonly loadMasks: (signal: AbortSignal) => Promise<DeletionMasks>;
  /** Writes the chunks of all series of the window again, not only of those that have rows. */
  readonly isRewriting?: boolean;
}

/** Series are looked up, merged and packed in groups, bounded by their number and by the samples of their rows. */
const GROUP_SERIES = 2000;
const GROUP_SAMPLES = 1_000_000;

/** The server may wait for us while chunks are inserted. */
const READ_SETTINGS = { max_block_size: "32768", http_send_timeout: 900, max_execution_time: 0 } as const;
const MAX_ANSWER_BYTES = 2 ** 50;

const ROWS = `SELECT metric_id, series_id, toFloat64(ts) AS timestamp, value FROM samples
  WHERE ts > {after:Int64} AND ts <= {until:Int64} ORDER BY metric_id, series_id, ts`;

const OTHERS = `SELECT metric_id, series_id FROM raw_chunks WHERE start = {start:Int64}
  GROUP BY metric_id, series_id HAVING max(generation) < {generation:UInt64} ORDER BY metric_id, series_id
  SETTINGS optimize_aggregation_in_order = 1`;
const NO_SAMPLES = { timestamps: new Float64Array(), values: new Float64Array() };

/**
 * Makes raw chunks of everything that lies in the rows of a window, together with the chunks that those series have.
 * The parts are listed first and the rows read after: a row of a listed part is seen, in whatever part it lies by then.
 */
export function createRawJob(options: RawJobOptions): BlockJob {
  return async (context) => {
    const { record, signal } = context;
    const { parts } = await readSampleParts(options.clickhouse, { windowMs: record.startMs, signal });
    return new RawJob(options, context, parts).run();
  };
}

/** One run of the job; it holds one group of series, and one batch of packed chunks. */
class RawJob {
  readonly #options: RawJobOptions;
  readonly #context: JobContext;
  readonly #parts: readonly SamplePart[];
  readonly #writer: ChunkWriter;
  #group: CutSeries[] = [];
  #groupSamples = 0;
  #rowsRead = 0;

  constructor(options: RawJobOptions, context: JobContext, parts: readonly SamplePart[]) {
    this.#options = options;
    this.#context = context;
    this.#parts = parts;
    this.#writer = new ChunkWriter(options.clickhouse, context);
  }

  async run(): Promise<JobResult> {
    await this.#readRows();
    await this.#writer.flush();
    if (this.#options.isRewriting === true) await this.#rewriteOthers();
    const { current, signal } = this.#context;
    await this.#checkDeletions();
    const written = this.#writer.numbers;
    const numbers = current === undefined ? written : await this.#wholeBlock(current, written, signal);
    return {
      inputs: this.#parts.map(({ name }) => name),
      numbers,
      samplesRead: this.#rowsRead,
      samplesWritten: written.samples,
      bytesWritten: written.bytes,
    };
  }

  /** A deletion since hides what this job wrote, samples that came after it included: they stay in rows for another. */
  async #checkDeletions(): Promise<void> {
    const { record, signal } = this.#context;
    const window = { startMs: record.startMs, spanMs: WINDOW_MS };
    if ((await highestDeletionWithin(this.#options.clickhouse, window, signal)) < record.generation) return;
    throw new AppError("BLOCK_OVERTAKEN", "unavailable", "samples of the window were deleted meanwhile");
  }

  async #readRows(): Promise<void> {
    const { clickhouse } = this.#options;
    const { record, signal, onProgress } = this.#context;
    const total = this.#parts.reduce((sum, { rows }) => sum + rows, 0);
    const { startMs } = record;
    const parameters = { after: String(startMs), until: String(startMs + WINDOW_MS) };
    const cutter = new SeriesCutter();
    const read = { parameters, signal, settings: READ_SETTINGS, maxBytes: MAX_ANSWER_BYTES };
    for await (const block of clickhouse.selectNative(ROWS, read)) {
      for (const series of cutter.add(block)) await this.#add(series);
      this.#rowsRead += block.rowCount;
      onProgress(this.#rowsRead, Math.max(total, this.#rowsRead));
    }
    for (const series of cutter.finish()) await this.#add(series);
    await this.#packGroup();
  }

  /** The series whose chunk is not of this generation yet. */
  async #rewriteOthers(): Promise<void> {
    const { record, signal } = this.#context;
    const parameters = { start: String(record.startMs), generation: String(record.generation) };
    const read = { parameters, signal, settings: READ_SETTINGS };
    for await (const block of this.#options.clickhouse.selectNative(OTHERS, read)) {
      const [metricIds, seriesIds] = [block.words64("metric_id"), block.words64("series_id")];
      for (let row = 0; row < block.rowCount; row++) {
        await this.#add({
          metricIdLow: metricIds[row * 2] ?? 0,
          metricIdHigh: metricIds[row * 2 + 1] ?? 0,
          seriesIdLow: seriesIds[row * 2] ?? 0,
          seriesIdHigh: seriesIds[row * 2 + 1] ?? 0,
          samples: NO_SAMPLES,
        });
      }
    }
    await this.#packGroup();
    await this.#writer.flush();
  }

  /** No promise where nothing has to be waited for would be quicker still; the group makes it cheap enough. */
  async #add(series: CutSeries): Promise<void> {
    this.#group.push(series);
    this.#groupSamples += series.samples.timestamps.length;
    if (this.#group.length >= GROUP_SERIES || this.#groupSamples >= GROUP_SAMPLES) await this.#packGroup();
  }

  async #packGroup(): Promise<void> {
    const group = this.#group;
    this.#group = [];
    this.#groupSamples = 0;
    if (group.length === 0) return;
    const { classesOf } = this.#options;
    const { record, signal, breathe } = this.#context;
    const [classes, whole] = await Promise.all([
      classesOf(idsOf(group), record.startMs, signal),
      this.#withExisting(group),
    ]);
    for (const [i, series] of group.entries()) {
      const { samples, removed } = whole[i]!;
      this.#writer.add({ ...series, className: classes[i] ?? "" }, samples, removed);
      if (this.#writer.isFull) await this.#writer.flush();
      const pause = breathe();
      if (pause !== undefined) await pause;
    }
  }

  /** Chunks are read after the rows: whatever was folded in and dropped before the rows were read is in them. */
  async #withExisting(group: readonly CutSeries[]): Promise<readonly SeriesSamples[]> {
    const { current, record, signal } = this.#context;
    if (current === undefined) return group.map(({ samples }) => ({ samples, removed: NOTHING_REMOVED }));
    const { clickhouse, loadMasks } = this.#options;
    return readExistingSamples(clickhouse, record, group, { masks: await loadMasks(signal), signal });
  }

  async #wholeBlock(current: BlockRecord, written: BlockNumbers, signal: AbortSignal): Promise<BlockNumbers> {
    const totals = await readTotals(this.#options.clickhouse, current.startMs, signal);
    if (written.series === 0) return { ...totals, minMs: current.minMs, maxMs: current.maxMs };
    return {
      ...totals,
      minMs: Math.min(current.minMs, written.minMs),
      maxMs: Math.max(current.maxMs, written.maxMs),
    };
  }
}

/** What the chunks of a window hold, of each series the one that counts. */
export async function readTotals(
  clickhouse: ClickHouse,
  windowMs: number,
  signal?: AbortSignal,
): Promise<Pick<BlockNumbers, "series" | "samples" | "bytes">> {
  const query = `SELECT toFloat64(countIf(s > 0)) AS series, toFloat64(sum(s)) AS samples, toFloat64(sum(b)) AS bytes
    FROM (SELECT argMax(samples, generation) AS s, argMax(length(data), generation) AS b FROM raw_chunks
      WHERE start = {start:Int64} GROUP BY metric_id, series_id)
    SETTINGS optimize_aggregation_in_order = 1`;
  const [row] = await clickhouse.queryRows(query, {
    parameters: { start: String(windowMs) },
    ...(signal && { signal }),
  });
  return { series: Number(row?.["series"]), samples: Number(row?.["samples"]), bytes: Number(row?.["bytes"]) };
}

function idsOf(group: readonly CutSeries[]): Uint32Array {
  const ids = new Uint32Array(group.length * 4);
  for (const [i, series] of group.entries()) {
    ids[i * 4] = series.metricIdLow;
    ids[i * 4 + 1] = series.metricIdHigh;
    ids[i * 4 + 2] = series.seriesIdLow;
    ids[i * 4 + 3] = series.seriesIdHigh;
  }
  return ids;
}
