import type { Clock } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import { decide } from "../notify/decide.ts";
import { logLifetimeMs } from "../notify/log-lifetime.ts";
import type { LogEntry, LogState, NotificationLog, VersionedLogEntry } from "../notify/notification-log.ts";
import type { DeliveryJob } from "./delivery-job.ts";

export interface SendingMarksOptions {
  readonly log: NotificationLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly holder: string;
  readonly isHolderAlive: (holder: string) => boolean;
}

export type Claim =
  | { readonly kind: "claimed"; readonly entry: VersionedLogEntry; readonly release: () => void }
  | { readonly kind: "busy" }
  | { readonly kind: "superseded" };

const CLAIM_ATTEMPTS = 10;
const COMPLETE_ATTEMPTS = 30;
const COMPLETE_RETRY_MS = 1000;

/**
 * Marks in the notification log that say who is sending: one sender an entry at a time, over all replicas. A mark counts
 * for as long as its process lives.
 */
export class SendingMarks {
  readonly #options: SendingMarksOptions;
  /** Entries that this process is sending for: a mark of ours that is not among them was left behind. */
  readonly #sending = new Set<string>();

  constructor(options: SendingMarksOptions) {
    this.#options = options;
  }

  /** Takes the mark where the job is needed still and nobody sends. Rejects while the log cannot be reached. */
  async claim(job: DeliveryJob): Promise<Claim> {
    if (this.#sending.has(job.logId)) return { kind: "busy" };
    this.#sending.add(job.logId);
    const release = (): void => void this.#sending.delete(job.logId);
    try {
      const claim = await this.#claimInLog(job, release);
      if (claim.kind !== "claimed") release();
      return claim;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Writes what was sent. Tries for half a minute while the log is away; after that the next flush sends again. */
  async complete(job: DeliveryJob, claimed: VersionedLogEntry, state: LogState): Promise<void> {
    const { clock, log, logger } = this.#options;
    const expiresAtMs = expiryOf(job, clock.now());
    let { revision } = claimed;
    for (let attempt = 1; attempt <= COMPLETE_ATTEMPTS; attempt++) {
      try {
        const entry = { key: job.key, state, sending: undefined, expiresAtMs };
        if ((await log.write(job.logId, entry, revision)) !== undefined) return;
        const current = await log.refresh(job.logId);
        if (current?.state !== undefined && current.state.flushMs >= job.flushMs) return;
        revision = current?.revision ?? 0;
      } catch (error) {
        logger.warn({ reason: messageOf(error) }, "a notification was sent and is not in the log yet");
        await new Promise<void>((resolve) => clock.after(COMPLETE_RETRY_MS, resolve));
      }
    }
    logger.error({ group: job.key.groupKey }, "a notification was sent and is not in the log; it may be sent again");
  }

  /** Takes the mark away after a failed try. */
  async clear(job: DeliveryJob, claimed: VersionedLogEntry): Promise<void> {
    const { log, logger } = this.#options;
    try {
      await log.write(job.logId, { ...claimed, sending: undefined }, claimed.revision);
    } catch (error) {
      // The mark stays, and counts for nothing once this process has released it.
      logger.debug({ reason: messageOf(error) }, "mark of sending not removed");
    }
  }

  async #claimInLog(job: DeliveryJob, release: () => void): Promise<Claim> {
    const { clock, holder, log } = this.#options;
    let entry = log.get(job.logId);
    for (let attempt = 0; attempt < CLAIM_ATTEMPTS; attempt++) {
      const nowMs = clock.now();
      const state = entry !== undefined && entry.expiresAtMs > nowMs ? entry.state : undefined;
      if (!isNeeded(job, state)) {
        await this.#noteSuperseded(job, entry, state);
        return { kind: "superseded" };
      }
      if (this.#isBusy(entry)) return { kind: "busy" };
      const sending = { flushMs: job.flushMs, holder };
      const marked: LogEntry = { key: job.key, state, sending, expiresAtMs: expiryOf(job, nowMs) };
      const written = await log.write(job.logId, marked, entry?.revision ?? 0);
      if (written !== undefined) return { kind: "claimed", entry: written, release };
      entry = await log.refresh(job.logId);
    }
    return { kind: "busy" };
  }

  #isBusy(entry: VersionedLogEntry | undefined): boolean {
    const { holder, isHolderAlive } = this.#options;
    if (entry?.sending === undefined || entry.sending.holder === holder) return false;
    return isHolderAlive(entry.sending.holder);
  }

  /** Lets whoever waits for this flush know that it is done, though another message did it. */
  async #noteSuperseded(
    job: DeliveryJob,
    entry: VersionedLogEntry | undefined,
    state: LogState | undefined,
  ): Promise<void> {
    if (entry === undefined || state === undefined || entry.sending !== undefined) return;
    if (state.flushMs >= job.flushMs) return;
    await this.#options.log.write(job.logId, { ...entry, state: { ...state, flushMs: job.flushMs } }, entry.revision);
  }
}

function isNeeded(job: DeliveryJob, state: LogState | undefined): boolean {
  if (state === undefined) return job.firing.length > 0;
  if (state.flushMs >= job.flushMs) return false;
  const flush = { firing: new Set(job.firing), resolved: new Set(job.resolved), flushMs: job.flushMs };
  return decide(state, flush, job) !== undefined;
}

function expiryOf(job: DeliveryJob, nowMs: number): number {
  return nowMs + logLifetimeMs(job.repeatIntervalMs, job.retentionMs);
}
