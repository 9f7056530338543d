import { AppError } from "@monotreme/errors";

/** As many reads at a time as upstream's `--storage.remote.read-concurrent-limit`. */
const MAX_RUNNING = 10;
const MAX_WAITING = 100;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Lets so many reads of raw samples run at one time; others wait in order, and beyond the bound they are refused with
 * QUERY_QUEUE_FULL, which tells clients to come back.
 */
export class ReadGate {
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  readonly #waiting = new Set<Waiting>();
  #running = 0;

  constructor(maxRunning: number = MAX_RUNNING, maxWaiting: number = MAX_WAITING) {
    this.#maxRunning = maxRunning;
    this.#maxWaiting = maxWaiting;
  }

  /** Resolves to the function that gives the place back; rejects with the signal's reason where it fires first. */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#running >= this.#maxRunning) await this.#wait(signal);
    else this.#running++;
    let hasLeft = false;
    return () => {
      if (!hasLeft) this.#leave();
      hasLeft = true;
    };
  }

  async #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#maxWaiting) {
      throw new AppError("QUERY_QUEUE_FULL", "unavailable", "too many reads wait for their turn");
    }
    let waiting: Waiting | undefined;
    const onAbort = (): void => waiting?.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        waiting = { resolve, reject };
        this.#waiting.add(waiting);
      });
    } finally {
      if (waiting !== undefined) this.#waiting.delete(waiting);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** The place goes to whoever waited longest; the count stays then. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#running--;
    else {
      this.#waiting.delete(next);
      next.resolve();
    }
  }
}
