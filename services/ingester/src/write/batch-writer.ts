import type { SampleInsert, SampleStore } from "@monotreme/storage";
import type { Logger } from "@monotreme/telemetry";
import type { IngesterMetrics, InsertTable } from "../metrics.ts";
import type { DecodedMessage } from "./message-decoder.ts";
import { retryUntilDone } from "./retry.ts";

export interface BatchWriterOptions {
  readonly store: SampleStore;
  readonly metrics: IngesterMetrics;
  readonly logger: Logger;
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

  async write(messages: readonly DecodedMessage[], token: string, signal: AbortSignal): Promise<void> {
    const { store, metrics } = this.#options;
    const series = messages.flatMap((message) => message.newSeries);
    const metadata = messages.flatMap((message) => message.newMetadata);
    const samples = sampleInsertFrom(messages);
    await Promise.all([
      this.#insert("series", series.length, token, signal, (options) => store.insertSeries(series, options)),
      this.#insert("metadata", metadata.length, token, signal, (options) => store.insertMetadata(metadata, options)),
    ]);
    await this.#insert("samples", samples.rowCount, token, signal, (options) => store.insertSamples(samples, options));
    metrics.batchSamples.observe(samples.rowCount);
  }

  async #insert(
    table: InsertTable,
    rowCount: number,
    batchToken: string,
    signal: AbortSignal,
    insert: (options: { deduplicationToken: string; signal: AbortSignal }) => Promise<void>,
  ): Promise<void> {
    if (rowCount === 0) return;
    const { metrics, logger } = this.#options;
    const deduplicationToken = `${batchToken}/${table}`;
    await retryUntilDone(
      async () => {
        const stopTimer = metrics.insertSeconds.startTimer({ table });
        await insert({ deduplicationToken, signal });
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
