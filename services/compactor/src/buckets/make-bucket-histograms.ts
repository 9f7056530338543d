import { FIVE_MINUTES, type Resolution, WINDOW_MS } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import { insertBucketHistograms, type StoredHistogram, streamHistograms } from "@monotreme/storage";
import type { JobContext } from "../jobs/block-job.ts";
import type { ClassesOfSeries } from "../jobs/raw-job.ts";
import { HistogramThinner } from "./thin-histograms.ts";

/** Classes are looked up, and rows inserted, for so many histograms or bytes at a time. */
const BATCH_ROWS = 20_000;
const BATCH_BYTES = 8 * 2 ** 20;
const READ_SETTINGS = { max_block_size: "4096", http_send_timeout: 900, max_execution_time: 0 } as const;
const MAX_ANSWER_BYTES = 2 ** 50;

export interface BucketHistogramsOptions {
  readonly clickhouse: ClickHouse;
  readonly classesOf: ClassesOfSeries;
  readonly resolution: Resolution;
  /** Starts of the windows, in order. */
  readonly windows: readonly number[];
}

/**
 * Keeps a few native histograms of each bucket of the windows: 5m of all that there are, 1h of those that 5m keeps. Rows of
 * an earlier job stay beside them: each is a histogram as it was written, so a reader may see both. Answers how many rows
 * it wrote.
 */
export async function makeBucketHistograms(options: BucketHistogramsOptions, context: JobContext): Promise<number> {
  const { clickhouse, resolution, windows } = options;
  const { signal } = context;
  const isFinest = resolution.resolutionMs === FIVE_MINUTES.resolutionMs;
  const writer = new HistogramWriter(options, context);
  for (const windowMs of windows) {
    const thinner = new HistogramThinner(resolution.resolutionMs);
    const ofWindow = "ts > {after:Int64} AND ts <= {until:Int64}";
    const stream = streamHistograms(clickhouse, {
      table: isFinest ? "histograms" : "bucket_histograms",
      condition: isFinest ? ofWindow : `resolution = ${FIVE_MINUTES.resolutionMs} AND ${ofWindow}`,
      parameters: { after: String(windowMs), until: String(windowMs + WINDOW_MS) },
      settings: READ_SETTINGS,
      maxBytes: MAX_ANSWER_BYTES,
      signal,
    });
    for await (const histogram of stream) await writer.add(thinner.add(histogram), windowMs);
    await writer.add(thinner.finish(), windowMs);
    await writer.flush(windowMs);
  }
  return writer.written;
}

class HistogramWriter {
  readonly #options: BucketHistogramsOptions;
  readonly #context: JobContext;
  #rows: StoredHistogram[] = [];
  #bytes = 0;
  #batches = 0;
  written = 0;

  constructor(options: BucketHistogramsOptions, context: JobContext) {
    this.#options = options;
    this.#context = context;
  }

  async add(rows: readonly StoredHistogram[], windowMs: number): Promise<void> {
    for (const row of rows) {
      this.#rows.push(row);
      this.#bytes += (row.histogram.positiveBuckets.length + row.histogram.negativeBuckets.length + 12) * 8;
    }
    if (this.#rows.length >= BATCH_ROWS || this.#bytes >= BATCH_BYTES) await this.flush(windowMs);
  }

  async flush(windowMs: number): Promise<void> {
    const rows = this.#rows;
    if (rows.length === 0) return;
    this.#rows = [];
    this.#bytes = 0;
    const { clickhouse, classesOf, resolution } = this.#options;
    const { record, signal, guard } = this.#context;
    const ids = rows.flatMap((row) => [row.metricIdLow, row.metricIdHigh, row.seriesIdLow, row.seriesIdHigh]);
    const classes = await classesOf(Uint32Array.from(ids), windowMs, signal);
    const classified = rows.map((row, i) => ({ ...row, className: classes[i] ?? "" }));
    guard();
    const { startMs, generation } = record;
    const deduplicationToken = `${resolution.name}/histograms/${startMs}/${generation}/${this.#batches++}`;
    const origin = { resolution, startMs, generation };
    await insertBucketHistograms(clickhouse, classified, origin, { deduplicationToken, signal });
    this.written += rows.length;
  }
}
