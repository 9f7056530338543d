import type { AlertEvent } from "@monotreme/contracts";
import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";

/** Counts what one queue does; made and removed with it. */
export interface QueueMeter {
  sent(alerts: number, seconds: number): void;
  failed(alerts: number): void;
  dropped(alerts: number): void;
  queued(alerts: number): void;
  remove(): void;
}

export interface AlertmanagerQueueOptions {
  /** Posts one batch; rejects unless the Alertmanager took it. */
  readonly post: (alerts: readonly AlertEvent[], signal: AbortSignal) => Promise<void>;
  /** Alerts that wait at most; above it the oldest are dropped and counted. */
  readonly capacity: number;
  /** Alerts of one request. */
  readonly batchSize: number;
  readonly meter: QueueMeter;
  readonly logger: Logger;
}

/**
 * What one Alertmanager has to be told. A batch that it does not take is dropped and counted: rules send everything that
 * still holds again within a minute.
 */
export class AlertmanagerQueue {
  readonly #options: AlertmanagerQueueOptions;
  #waiting: AlertEvent[] = [];
  #sending: Promise<void> | undefined;
  readonly #stop = new AbortController();
  #isClosed = false;

  constructor(options: AlertmanagerQueueOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#waiting.length;
  }

  add(alerts: readonly AlertEvent[]): void {
    if (this.#isClosed) {
      this.#options.meter.dropped(alerts.length);
      return;
    }
    const { capacity, meter } = this.#options;
    this.#waiting.push(...alerts);
    const excess = this.#waiting.length - capacity;
    if (excess > 0) {
      this.#waiting = this.#waiting.slice(excess);
      meter.dropped(excess);
      this.#options.logger.warn({ dropped: excess }, "alert queue is full, the oldest are dropped");
    }
    meter.queued(this.#waiting.length);
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
    });
  }

  /** Sends what waits until the deadline, if `drains`; the rest is dropped and counted. */
  async close(deadline: AbortSignal, drains: boolean): Promise<void> {
    this.#isClosed = true;
    if (!drains) this.#stop.abort();
    else if (deadline.aborted) this.#stop.abort();
    else deadline.addEventListener("abort", () => this.#stop.abort(), { once: true });
    await this.#sending;
    this.#options.meter.dropped(this.#waiting.length);
    this.#options.meter.remove();
  }

  /** Never rejects. */
  async #send(): Promise<void> {
    const { batchSize, meter, post, logger } = this.#options;
    while (this.#waiting.length > 0 && !this.#stop.signal.aborted) {
      const batch = this.#waiting.slice(0, batchSize);
      this.#waiting = this.#waiting.slice(batchSize);
      meter.queued(this.#waiting.length);
      const startedMs = performance.now();
      try {
        await post(batch, this.#stop.signal);
        meter.sent(batch.length, (performance.now() - startedMs) / 1000);
      } catch (error) {
        meter.failed(batch.length);
        meter.dropped(batch.length);
        logger.error({ alerts: batch.length, reason: messageOf(error) }, "alerts not sent");
      }
    }
  }
}
