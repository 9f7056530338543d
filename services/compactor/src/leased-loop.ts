import type { Lease, Leases } from "@monotreme/bus";
import type { Clock } from "@monotreme/clock";

export interface LeasedLoopOptions {
  readonly leases: Leases;
  readonly key: string;
  readonly clock: Clock;
  /** Between the end of a run and the next. */
  readonly intervalMs: number;
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** A run failed; it is tried again after the interval. Not called for one that was stopped. */
  readonly onError: (error: unknown) => void;
}

/** Runs something again and again in the one process that holds a lease, beginning when it takes it. */
export class LeasedLoop {
  readonly #options: LeasedLoopOptions;
  readonly #lease: Lease;
  #stop: AbortController | undefined;
  #cancelTimer: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(options: LeasedLoopOptions) {
    this.#options = options;
    this.#lease = options.leases.keep(options.key, {
      onAcquired: () => this.#begin(),
      onLost: () => this.#end(),
    });
  }

  /** Runs soon instead of after the interval, where this process holds the lease. */
  kick(): void {
    if (this.#stop !== undefined) this.#schedule(this.#stop.signal, 0);
  }

  /** Stops the run under way, waits for it, and leaves the lease to others; idempotent. */
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
    this.#cancelTimer();
    this.#stop?.abort(new Error("the lease was lost, or the process stops"));
    this.#stop = undefined;
  }

  #schedule(signal: AbortSignal, delayMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      // After the run before, which may be ending still.
      this.#running = this.#running.then(async () => this.#run(signal));
    });
  }

  async #run(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      await this.#options.run(signal);
    } catch (error) {
      if (!signal.aborted) this.#options.onError(error);
    }
    if (!signal.aborted) this.#schedule(signal, this.#options.intervalMs);
  }
}
