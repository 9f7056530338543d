import { AppError } from "@monotreme/errors";
import type { ActiveQuery } from "./active-queries.ts";

/** Heaps of workers are bounded by themselves; samples and columns live outside of them and are looked at here. */
const CHECK_EVERY_MS = 200;

export interface MemoryGuardOptions {
  /** How much the process may grow while queries run in workers. */
  readonly maxBytes: number;
  /** Queries that run in workers. */
  readonly queries: () => readonly ActiveQuery[];
  readonly residentBytes: () => number;
}

/**
 * Watches the process' memory while queries run in workers. When it has grown by more than the limit since the first of
 * them began, the one that has read the most samples is ended, then the next, until it fits again.
 */
export class MemoryGuard {
  readonly #options: MemoryGuardOptions;
  #timer: NodeJS.Timeout | undefined;
  #startBytes = 0;

  constructor(options: MemoryGuardOptions) {
    this.#options = options;
  }

  /** To be called when a query has got a worker; watching ends by itself. */
  watch(): void {
    if (this.#timer !== undefined) return;
    this.#startBytes = this.#options.residentBytes();
    this.#timer = setInterval(() => this.check(), CHECK_EVERY_MS);
    this.#timer.unref();
  }

  check(): void {
    const { queries, residentBytes, maxBytes } = this.#options;
    const running = queries().filter(({ state }) => state === "running-in-worker" || state === "answering");
    if (running.length === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    if (residentBytes() - this.#startBytes <= maxBytes) return;
    const [largest] = running.toSorted((a, b) => b.samplesRead - a.samplesRead);
    largest?.stop(new AppError("QUERY_OUT_OF_MEMORY", "limit", "the query needs more memory than queries may use"));
  }
}
