import { type Clock, sleep } from "@monotreme/clock";
import { AppError, messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import type { DiscoveryMetrics } from "./discovery-metrics.ts";
import type { Discoverer, TargetGroup } from "./target-group.ts";

/** What finds targets by asking again and again. */
export interface RefreshSource {
  /** The `mechanism` in metrics and log. */
  readonly mechanism: "http" | "dns";
  readonly refreshIntervalMs: number;
  /** Everything there is now. Rejects where nothing is known; the signal ends it. */
  refresh(signal: AbortSignal): Promise<readonly TargetGroup[]>;
  close(): void;
}

export interface RefreshLoopOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: DiscoveryMetrics;
}

/**
 * Asks a source at once and then every refresh interval. What it said last stays in force while it fails; the same
 * failure again is counted, but not logged again.
 */
export class RefreshLoop implements Discoverer {
  readonly #source: RefreshSource;
  readonly #options: RefreshLoopOptions;
  readonly #stopping = new AbortController();
  #attempt = new AbortController();
  #running: Promise<void> | undefined;
  #lastFailure: string | undefined;

  constructor(source: RefreshSource, options: RefreshLoopOptions) {
    this.#source = source;
    this.#options = options;
  }

  start(onGroups: (groups: readonly TargetGroup[]) => void): void {
    this.#running ??= this.#run(onGroups);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.#attempt.abort();
    await this.#running;
    this.#source.close();
  }

  async #run(onGroups: (groups: readonly TargetGroup[]) => void): Promise<void> {
    const { clock } = this.#options;
    const { refreshIntervalMs } = this.#source;
    while (!this.#stopping.signal.aborted) {
      const startedMs = clock.now();
      await this.#refresh(onGroups);
      // On the interval's grid as upstream's ticker, and never without a pause.
      const spentMs = Math.max(0, clock.now() - startedMs) % refreshIntervalMs;
      await sleep(clock, refreshIntervalMs - spentMs, this.#stopping.signal);
    }
  }

  /** Never rejects. */
  async #refresh(onGroups: (groups: readonly TargetGroup[]) => void): Promise<void> {
    const { mechanism } = this.#source;
    const stopTimer = this.#options.metrics.refreshSeconds.startTimer({ mechanism });
    // A signal of its own, so that nothing of a refresh outlives it.
    this.#attempt = new AbortController();
    try {
      const groups = await this.#source.refresh(this.#attempt.signal);
      this.#lastFailure = undefined;
      if (!this.#stopping.signal.aborted) onGroups(groups);
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#tellFailure(error);
    } finally {
      stopTimer();
    }
  }

  #tellFailure(error: unknown): void {
    const { metrics, logger } = this.#options;
    const { mechanism } = this.#source;
    const reason = messageOf(error);
    const fields = { mechanism, code: error instanceof AppError ? error.code : undefined, reason };
    metrics.refreshFailures.inc({ mechanism });
    if (reason === this.#lastFailure) logger.debug(fields, "targets not refreshed");
    else logger.error(fields, "targets not refreshed");
    this.#lastFailure = reason;
  }
}
