import { LATE_AFTER_MS, lateKeyOf } from "@monotreme/contracts";
import type { Logger } from "@monotreme/telemetry";
import type { IngesterMetrics } from "../metrics.ts";
import type { DecodedMessage } from "./message-decoder.ts";
import { retryUntilDone } from "./retry.ts";

export interface LateAnnouncerOptions {
  /** Gives a key of the bucket a new revision. */
  readonly put: (key: string) => Promise<void>;
  readonly metrics: IngesterMetrics;
  readonly logger: Logger;
  /** Epoch ms. */
  readonly now: () => number;
}

/**
 * Tells whoever keeps results of queries that samples of the past have come (`late_samples` in the contracts). To be
 * called when the rows are visible and before their messages are acknowledged: what is late is judged by the clock at
 * that moment, so that a batch which waited for its store counts as late as it is.
 */
export class LateAnnouncer {
  readonly #options: LateAnnouncerOptions;

  constructor(options: LateAnnouncerOptions) {
    this.#options = options;
  }

  /** Tries again until the bucket has it all, or rejects with the signal's reason. */
  async announce(messages: readonly DecodedMessage[], signal: AbortSignal): Promise<void> {
    const { put, metrics, logger, now } = this.#options;
    const keys = lateKeysOf(messages, now());
    await Promise.all(
      keys.map(async (key) =>
        retryUntilDone(
          () => put(key),
          signal,
          (error, delayMs) => {
            metrics.busFailures.inc();
            logger.warn({ err: error, delayMs }, "late samples not announced, trying again");
          },
        ),
      ),
    );
    metrics.lateStretches.inc(keys.length);
  }
}

const TWO_TO_32 = 0x1_0000_0000;
/** Timestamps within one of these have one key. */
const FINEST_MS = 600_000;

/** The keys of all stretches of time into which the messages bring late samples. */
function lateKeysOf(messages: readonly DecodedMessage[], nowMs: number): string[] {
  const keys = new Set<string>();
  const horizonMs = nowMs - LATE_AFTER_MS;
  for (const { batch } of messages) {
    const columns = [batch.timestamps, batch.histograms?.timestamps, batch.starts?.timestamps];
    for (const words of columns) if (words !== undefined) addLate(keys, batch.tenant, words, horizonMs, nowMs);
  }
  return [...keys];
}

function addLate(keys: Set<string>, tenant: string, words: Uint32Array, horizonMs: number, nowMs: number): void {
  let lastSlot = Number.NaN;
  for (let i = 0; i < words.length; i += 2) {
    const timestampMs = ((words[i + 1] ?? 0) | 0) * TWO_TO_32 + (words[i] ?? 0);
    if (timestampMs >= horizonMs) continue;
    const slot = Math.floor(timestampMs / FINEST_MS);
    if (slot === lastSlot) continue;
    lastSlot = slot;
    keys.add(lateKeyOf(tenant, timestampMs, nowMs));
  }
}
