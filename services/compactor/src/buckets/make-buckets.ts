import type { Resolution } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import { bucketize } from "@monotreme/promql";
import { type DeletionMasks, resolutionOf } from "@monotreme/storage";
import type { BucketMaker, JobContext, JobResult } from "../jobs/block-job.ts";
import type { ClassesOfSeries } from "../jobs/raw-job.ts";
import { forgetDeletedHistograms } from "./forget-deleted-histograms.ts";
import { makeBucketHistograms } from "./make-bucket-histograms.ts";
import { type BucketSource, bucketSourceOf } from "./bucket-source.ts";
import { readBucketTotals } from "./bucket-totals.ts";
import { BucketWriter } from "./bucket-writer.ts";
import { readDeletions } from "./deleted-since.ts";
import { ExistingBuckets } from "./existing-buckets.ts";
import { type DeletedSince, renewBuckets } from "./renew-buckets.ts";
import { rangeCondition, readSeriesRanges, type SeriesRange } from "./series-ranges.ts";
import { SOURCE_COLUMNS, SOURCE_ORDER, SourceCutter, type SourceSeries } from "./source-series.ts";

export interface BucketMakerOptions {
  readonly clickhouse: ClickHouse;
  /** Retention classes of series that have native histograms; all are of the class `default` when not given. */
  readonly classesOf?: ClassesOfSeries;
  /** The deletions in force, which hide samples of chunks that are not written again yet. */
  readonly loadMasks: (signal: AbortSignal) => Promise<DeletionMasks>;
  /** Chunks of finer data that are read at a time; the block's own chunks of their series are held beside them. */
  readonly maxChunks?: number;
}

const DEFAULT_MAX_CHUNKS = 20_000;
/** Few chunks a block, as each is large; and the server may wait for us while chunks are inserted. */
const READ_SETTINGS = {
  low_cardinality_allow_in_native_format: 1,
  max_block_size: "4096",
  http_send_timeout: 900,
  max_execution_time: 0,
} as const;
const MAX_ANSWER_BYTES = 2 ** 50;
const ofDefaultClass: ClassesOfSeries = (ids) => Array<string>(ids.length / 4).fill("default");
const NO_SAMPLES = { timestamps: new Float64Array(), values: new Float64Array() };

/**
 * Makes blocks of buckets: those of the windows that are to be made again from finer data, all others as they were. Series
 * that have nothing in those windows keep the chunk that they have. It may run any number of times for the same windows.
 */
export function createBucketMaker(options: BucketMakerOptions): BucketMaker {
  return async (plan, context) => {
    const { signal, record } = context;
    const resolution = resolutionOf(plan.key.resolutionMs);
    const windows = plan.remake.map(({ startMs }) => startMs).toSorted((a, b) => a - b);
    const [masks, deletedSince] = await Promise.all([
      options.loadMasks(signal),
      readDeletions(options.clickhouse, { startMs: record.startMs, spanMs: resolution.blockMs }, signal),
    ]);
    const source = bucketSourceOf(resolution, windows, masks);
    const result = await new BucketJob({ ...options, resolution, windows, source, masks, deletedSince }, context).run();
    const { clickhouse, classesOf = ofDefaultClass } = options;
    await forgetDeletedHistograms(clickhouse, { resolution, startMs: record.startMs, masks, signal });
    await makeBucketHistograms({ clickhouse, classesOf, resolution, windows }, context);
    return result;
  };
}

interface BucketJobOptions extends BucketMakerOptions {
  readonly resolution: Resolution;
  readonly windows: readonly number[];
  readonly source: BucketSource;
  readonly masks: DeletionMasks;
  readonly deletedSince: DeletedSince;
}

/** One run; it holds the chunks of one range of series, and one batch of packed ones. */
class BucketJob {
  readonly #options: BucketJobOptions;
  readonly #context: JobContext;
  readonly #writer: BucketWriter;
  #sizeRead = 0;

  constructor(options: BucketJobOptions, context: JobContext) {
    this.#options = options;
    this.#context = context;
    this.#writer = new BucketWriter(options.clickhouse, options.resolution, context);
  }

  async run(): Promise<Omit<JobResult, "inputs">> {
    const { clickhouse, source, windows, maxChunks = DEFAULT_MAX_CHUNKS, resolution } = this.#options;
    const { signal, record, current, onProgress } = this.#context;
    const condition = source.condition(windows);
    const ranges = await readSeriesRanges(clickhouse, { table: source.table, condition, maxChunks, signal });
    const total = ranges.reduce((sum, { chunks }) => sum + chunks, 0);
    let done = 0;
    for (const range of ranges) {
      await this.#renewRange(range, condition);
      onProgress((done += range.chunks), total);
    }
    await this.#writer.flush();
    const { buckets, bytes, minMs, maxMs } = this.#writer.written;
    const totals = await readBucketTotals(clickhouse, { resolution, startMs: record.startMs }, signal);
    const known = current === undefined || current.samples === 0 ? [] : [current];
    const firstMs = Math.min(minMs, ...known.map((one) => one.minMs));
    const lastMs = Math.max(maxMs, ...known.map((one) => one.maxMs));
    const hasTimes = Number.isFinite(firstMs);
    return {
      numbers: { ...totals, minMs: hasTimes ? firstMs : 0, maxMs: hasTimes ? lastMs : 0 },
      samplesRead: this.#sizeRead,
      samplesWritten: buckets,
      bytesWritten: bytes,
    };
  }

  async #renewRange(range: SeriesRange, condition: string): Promise<void> {
    const { clickhouse, resolution, masks, source } = this.#options;
    const { record, signal } = this.#context;
    const series = rangeCondition(range);
    const existing = await ExistingBuckets.read(clickhouse, record, { resolution, series, masks, signal });
    const query = `SELECT ${SOURCE_COLUMNS}, ${source.columns.join(", ")} FROM ${source.table}
      WHERE ${condition} AND ${series} ORDER BY ${SOURCE_ORDER}`;
    const cutter = new SourceCutter();
    const options = { signal, settings: READ_SETTINGS, maxBytes: MAX_ANSWER_BYTES };
    for await (const block of clickhouse.selectNative(query, options)) {
      for (const one of cutter.add(block)) await this.#renew(one, existing);
    }
    for (const one of cutter.finish()) await this.#renew(one, existing);
  }

  async #renew(series: SourceSeries, existing: ExistingBuckets): Promise<void> {
    const { source, deletedSince, resolution } = this.#options;
    const known = existing.of(series);
    const fresh = series.chunks.map((chunk) => source.bucketsOf(chunk, series));
    for (const chunk of series.chunks) this.#sizeRead += source.sizeOf(chunk);
    const buckets = renewBuckets(known, fresh, deletedSince);
    if (buckets === undefined && known === undefined) return;
    this.#writer.add(series, buckets ?? bucketize(NO_SAMPLES, resolution.resolutionMs));
    if (this.#writer.isFull) await this.#writer.flush();
    const pause = this.#context.breathe();
    if (pause !== undefined) await pause;
  }
}
