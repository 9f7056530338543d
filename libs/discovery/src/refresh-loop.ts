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
export function createRefreshLoop(source: RefreshSource, options: RefreshLoopOptions): Discoverer {
  const { clock, logger, metrics } = options;
  const { mechanism, refreshIntervalMs } = source;
  const stopping = new AbortController();
  let attempt = new AbortController();
  let running: Promise<void> | undefined;
  let lastFailure: string | undefined;

  const refreshOnce = async (onGroups: (groups: readonly TargetGroup[]) => void): Promise<void> => {
    const stopTimer = metrics.refreshSeconds.startTimer({ mechanism });
    try {
      // A signal of its own, so that nothing of a refresh outlives it.
      attempt = new AbortController();
      const groups = await source.refresh(attempt.signal);
      lastFailure = undefined;
      if (!stopping.signal.aborted) onGroups(groups);
    } catch (error) {
      if (stopping.signal.aborted) return;
      metrics.refreshFailures.inc({ mechanism });
      const reason = messageOf(error);
      const fields = { mechanism, code: error instanceof AppError ? error.code : undefined, reason };
      if (reason === lastFailure) logger.debug(fields, "targets not refreshed");
      else logger.error(fields, "targets not refreshed");
      lastFailure = reason;
    } finally {
      stopTimer();
    }
  };

  const run = async (onGroups: (groups: readonly TargetGroup[]) => void): Promise<void> => {
    while (!stopping.signal.aborted) {
      const startedMs = clock.now();
      await refreshOnce(onGroups);
      // On the interval's grid as upstream's ticker, and never without a pause.
      const spentMs = Math.max(0, clock.now() - startedMs) % refreshIntervalMs;
      await sleep(clock, refreshIntervalMs - spentMs, stopping.signal);
    }
  };

  return {
    start: (onGroups) => {
      running ??= run(onGroups);
    },
    close: async () => {
      stopping.abort();
      attempt.abort();
      await running;
      source.close();
    },
  };
}
