import { AppError } from "@monotreme/errors";

/** More queries wait than the queue holds; the client should come back. */
export class QueueFullError extends AppError {
  constructor(maxQueued: number) {
    super("QUERY_QUEUE_FULL", "unavailable", `too many queries: ${maxQueued} are waiting already; try again`);
  }
}

/**
 * Lets so many queries run at one time; the next ones wait in the order in which they came, at most `maxQueued` of
 * them: above that `enter` throws {@link QueueFullError}.
 */
export class QueryQueue {
  readonly #maxRunning: number;
  readonly #maxQueued: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(maxRunning: number, maxQueued: number) {
    this.#maxRunning = maxRunning;
    this.#maxQueued = maxQueued;
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#waiting.size;
  }

  /** Resolves when it is this query's turn, or rejects with the signal's reason; the result ends the turn. */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#running < this.#maxRunning) this.#running++;
    else if (this.#waiting.size >= this.#maxQueued) throw new QueueFullError(this.#maxQueued);
    else await this.#turn(signal);
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.#leave();
    };
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onTurn = (): void => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      const onAbort = (): void => {
        this.#waiting.delete(onTurn);
        reject(signal.reason as Error);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.add(onTurn);
    });
  }

  /** The place goes to the next in line, so that nobody slips in between. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
