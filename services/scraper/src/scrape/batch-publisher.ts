import type { SampleSink } from "@monotreme/bus";
import { type Clock, sleep } from "@monotreme/clock";
import { AppError, messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import type { ScraperMetrics } from "../metrics.ts";
import type { BatchPool, ScrapeBatch } from "./scrape-batch.ts";

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5000;

export interface BatchPublisherOptions {
  readonly sink: SampleSink;
  readonly tenant: string;
  readonly pool: BatchPool;
  readonly clock: Clock;
  readonly metrics: ScraperMetrics;
  readonly logger: Logger;
}

/**
 * Hands batches to the bus and repeats those it could not take, until each batch's own deadline; then the batch is
 * dropped, counted by reason and logged. So at most the batches of a target's last two scrapes wait at one time.
 */
export class BatchPublisher {
  readonly #options: BatchPublisherOptions;
  readonly #underWay = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: BatchPublisherOptions) {
    this.#options = options;
  }

  /** Batches not yet durable. */
  get pendingCount(): number {
    return this.#underWay.size;
  }

  /** Takes over the batch; what it announces is read before this returns, and again for each repeat. */
  submit(batch: ScrapeBatch, giveUpAtMs: number): void {
    const sending = this.#publish(batch, giveUpAtMs);
    this.#underWay.add(sending);
    void sending.finally(() => this.#underWay.delete(sending));
  }

  /** Resolves when every attempt under way has ended; nothing is repeated from now on. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#underWay);
  }

  /** Never rejects. */
  async #publish(batch: ScrapeBatch, giveUpAtMs: number): Promise<void> {
    const { clock, metrics, pool } = this.#options;
    let backoffMs = FIRST_BACKOFF_MS;
    for (;;) {
      const fault = await this.#attempt(batch);
      if (fault === undefined) break;
      // The last attempt falls on the deadline itself.
      const waitMs = Math.min(backoffMs, giveUpAtMs - clock.now());
      if (waitMs <= 0 || !isTransient(fault) || this.#stopping.signal.aborted) {
        this.#drop(batch, fault);
        break;
      }
      metrics.publishRetries.inc();
      await sleep(clock, waitMs, this.#stopping.signal);
      backoffMs = Math.min(MAX_BACKOFF_MS, backoffMs * 2);
    }
    pool.give(batch);
  }

  async #attempt(batch: ScrapeBatch): Promise<unknown> {
    const { sink, tenant, metrics } = this.#options;
    try {
      const append = sink.begin(tenant);
      const nameless = batch.writeTo(append);
      await append.commit();
      metrics.samplesPublished.inc(batch.sampleCount - nameless);
      if (nameless > 0) metrics.samplesDropped.inc({ reason: "labels-lost" }, nameless);
      return undefined;
    } catch (error) {
      return error ?? new Error("publish failed");
    }
  }

  #drop(batch: ScrapeBatch, fault: unknown): void {
    const { metrics, logger } = this.#options;
    const reason = fault instanceof AppError ? fault.code : "INTERNAL";
    metrics.samplesDropped.inc({ reason }, batch.sampleCount);
    logger.error({ reason: messageOf(fault), samples: batch.sampleCount }, "samples of a scrape dropped");
  }
}

function isTransient(fault: unknown): boolean {
  return fault instanceof AppError && (fault.kind === "unavailable" || fault.kind === "timeout");
}
