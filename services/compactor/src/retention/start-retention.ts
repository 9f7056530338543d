import type { Leases } from "@monotreme/bus";
import { type Clock, SYSTEM_CLOCK } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import type { RetentionPolicies } from "@monotreme/retention";
import { enforceRetention, type RetentionOptions } from "./enforce-retention.ts";

export interface StartRetentionOptions extends RetentionOptions {
  readonly policies: RetentionPolicies;
  readonly leases: Leases;
  readonly clock?: Clock;
  /** Between two runs. */
  readonly intervalMs?: number;
  /** Runs after each retention, such as moving partitions between volumes; a fault of it is a fault of the run. */
  readonly afterwards?: (run: { readonly nowMs: number; readonly signal: AbortSignal }) => Promise<void>;
}

/** One compactor of all looks for what is to be forgotten. */
export const RETENTION_LEASE = "compactor.retention";

const DEFAULT_INTERVAL_MS = 600_000;

/** Enforces retention at once and every ten minutes for as long as this process holds the lease of it. */
export function startRetention(options: StartRetentionOptions): RetentionLoop {
  return new RetentionLoop(options);
}

/** The loop of retention; closing it waits for the statement that runs. */
export class RetentionLoop {
  readonly #options: StartRetentionOptions;
  readonly #clock: Clock;
  readonly #lease: ReturnType<Leases["keep"]>;
  #stop: AbortController | undefined;
  #cancelTimer: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(options: StartRetentionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#lease = options.leases.keep(RETENTION_LEASE, {
      onAcquired: () => this.#begin(),
      onLost: () => this.#end(),
    });
  }

  /** Looks again soon, because the policy was changed. */
  kick(): void {
    if (this.#stop !== undefined) this.#schedule(this.#stop.signal, 0);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#end();
    await this.#running;
    await this.#lease.release();
  }

  #begin(): void {
    if (this.#closing !== undefined || this.#stop !== undefined) return;
    this.#stop = new AbortController();
    this.#schedule(this.#stop.signal, 0);
  }

  #end(): void {
    this.#cancelTimer?.();
    this.#stop?.abort();
    this.#stop = undefined;
  }

  #schedule(signal: AbortSignal, delayMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.after(delayMs, () => {
      // After the run before, which may be ending still.
      this.#running = this.#running.then(async () => this.#run(signal));
    });
  }

  async #run(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { policies, logger, metrics, afterwards, intervalMs = DEFAULT_INTERVAL_MS } = this.#options;
    const nowMs = this.#clock.now();
    try {
      await enforceRetention(this.#options, { policy: policies.current, nowMs, signal });
      await afterwards?.({ nowMs, signal });
      metrics.runs.inc({ result: "success" });
      metrics.lastSuccess.set(nowMs / 1000);
    } catch (error) {
      if (!signal.aborted) {
        metrics.runs.inc({ result: "failure" });
        logger.warn({ err: error, reason: messageOf(error) }, "retention failed, and is tried again");
      }
    }
    if (!signal.aborted) this.#schedule(signal, intervalMs);
  }
}
