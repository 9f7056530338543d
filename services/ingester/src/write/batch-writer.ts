import type { HistogramInsert, SampleInsert, SampleStore, StartInsert, WriteOptions } from "@monotreme/storage";
import type { Logger } from "@monotreme/telemetry";
import type { IngesterMetrics, InsertTable } from "../metrics.ts";
import type { DecodedMessage } from "./message-decoder.ts";
import { retryUntilDone } from "./retry.ts";

export interface BatchWriterOptions {
  readonly store: SampleStore;
  /** Asked before every attempt: throws `PartitionTakenError` where the partition may belong to another ingester. */
  readonly requireOwnership: () => void;
  readonly metrics: IngesterMetrics;
  readonly logger: Logger;
}

/** One batch on its way into the tables. */
export interface BatchAttempt {
  /** The same for every attempt to write the batch, also after a crash. */
  readonly token: string;
  /** An attempt of an earlier run may have reached the store. */
  readonly isRepeat: boolean;
}

/**
 * Writes the messages of a batch as one insert a table, the index first, so that no sample is visible without its
 * labels. Tries again until it succeeds or the signal fires; repeats carry the same tokens and so add nothing.
 */
export class BatchWriter {
  readonly #options: BatchWriterOptions;

  constructor(options: BatchWriterOptions) {
    this.#options = options;
  }

  async write(messages: readonly DecodedMessage[], attempt: BatchAttempt, signal: AbortSignal): Promise<void> {
    const { store, metrics } = this.#options;
    const series = messages.flatMap((message) => message.newSeries);
    const metadata = messages.flatMap((message) => message.newMetadata);
    const samples = sampleInsertFrom(messages);
    const histograms = histogramInsertFrom(messages);
    const starts = startInsertFrom(messages);
    const exemplars = messages.flatMap((message) => message.exemplars);
    await Promise.all([
      this.#insert("series", series.length, attempt, signal, (options) => store.insertSeries(series, options)),
      this.#insert("metadata", metadata.length, attempt, signal, (options) => store.insertMetadata(metadata, options)),
    ]);
    // A start without its sample is harmless; a sample without its start would be read as one that has none.
    await this.#insert("starts", starts.rowCount, attempt, signal, (options) => store.insertStarts(starts, options));
    await Promise.all([
      this.#insert("samples", samples.rowCount, attempt, signal, (options) => store.insertSamples(samples, options)),
      this.#insert("histograms", histograms.rowCount, attempt, signal, (options) =>
        store.insertHistograms(histograms, options),
      ),
      this.#insert("exemplars", exemplars.length, attempt, signal, (options) =>
        store.insertExemplars(exemplars, options),
      ),
    ]);
    metrics.batchSamples.observe(samples.rowCount + histograms.rowCount);
  }

  async #insert(
    table: InsertTable,
    rowCount: number,
    attempt: BatchAttempt,
    signal: AbortSignal,
    insert: (options: WriteOptions) => Promise<void>,
  ): Promise<void> {
    if (rowCount === 0) return;
    const { metrics, logger, requireOwnership } = this.#options;
    const deduplicationToken = `${attempt.token}/${table}`;
    const onLost = (): void => {
      metrics.lostInserts.inc({ table });
      logger.warn({ table, rows: rowCount }, "ClickHouse remembers an insert whose rows it has lost, inserting again");
    };
    let { isRepeat } = attempt;
    await retryUntilDone(
      async () => {
        requireOwnership();
        const stopTimer = metrics.insertSeconds.startTimer({ table });
        const options = { deduplicationToken, isRepeat, onLost, signal };
        isRepeat = true;
        await insert(options);
        stopTimer();
      },
      signal,
      (error, delayMs) => {
        metrics.insertFailures.inc({ table });
        logger.warn({ err: error, table, rows: rowCount, delayMs }, "insert failed, trying again");
      },
    );
    metrics.rows.inc({ table }, rowCount);
  }
}

/** The columns of all messages in turn, without a copy. ClickHouse sorts, and splits by day. */
function sampleInsertFrom(messages: readonly DecodedMessage[]): SampleInsert {
  const batches = messages.map((message) => message.batch).filter((batch) => batch.sampleCount > 0);
  return {
    rowCount: batches.reduce((sum, batch) => sum + batch.sampleCount, 0),
    metricIds: batches.map((batch) => batch.metricIds),
    seriesIds: batches.map((batch) => batch.seriesIds),
    timestamps: batches.map((batch) => batch.timestamps),
    values: batches.map((batch) => batch.values),
  };
}

function histogramInsertFrom(messages: readonly DecodedMessage[]): HistogramInsert {
  const parts = messages.flatMap(({ batch }) => batch.histograms ?? []);
  return {
    rowCount: parts.reduce((sum, part) => sum + part.rowCount, 0),
    metricIds: parts.map((part) => part.metricIds),
    seriesIds: parts.map((part) => part.seriesIds),
    timestamps: parts.map((part) => part.timestamps),
    schemas: parts.map((part) => part.schemas),
    hints: parts.map((part) => part.hints),
    zeroThresholds: parts.map((part) => part.zeroThresholds),
    zeroCounts: parts.map((part) => part.zeroCounts),
    counts: parts.map((part) => part.counts),
    sums: parts.map((part) => part.sums),
    positiveOffsets: parts.map((part) => part.positiveOffsets),
    positiveBuckets: parts.map((part) => part.positiveBuckets),
    negativeOffsets: parts.map((part) => part.negativeOffsets),
    negativeBuckets: parts.map((part) => part.negativeBuckets),
    customBounds: parts.map((part) => part.customBounds),
  };
}

function startInsertFrom(messages: readonly DecodedMessage[]): StartInsert {
  const parts = messages.flatMap(({ batch }) => batch.starts ?? []);
  return {
    rowCount: parts.reduce((sum, part) => sum + part.rowCount, 0),
    metricIds: parts.map((part) => part.metricIds),
    seriesIds: parts.map((part) => part.seriesIds),
    timestamps: parts.map((part) => part.timestamps),
    starts: parts.map((part) => part.starts),
  };
}
