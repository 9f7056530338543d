import { AppError } from "@monotreme/errors";

/** More queries wait than the queue holds; the client should come back. */
export class QueueFullError extends AppError {
  constructor(maxQueued: number) {
    super("QUERY_QUEUE_FULL", "unavailable", `too many queries: ${maxQueued} are waiting already; try again`);
  }
}

export interface QueryQueueOptions {
  readonly maxRunning: number;
  readonly maxRunningPerTenant: (tenant: string) => number;
  readonly maxQueued: number;
}

interface Line {
  running: number;
  readonly waiting: Set<() => void>;
}

/**
 * Lets so many queries run at one time, and fewer of one tenant, so that no tenant takes all places. The next ones
 * wait: each tenant's in the order in which they came, tenants by turns. At most `maxQueued` wait, and of one tenant at
 * most half of them while others may come: above that `enter` throws {@link QueueFullError}.
 */
export class QueryQueue {
  readonly #options: QueryQueueOptions;
  /** By tenant, in the order in which they get their turn. */
  readonly #lines = new Map<string, Line>();
  #running = 0;
  #queued = 0;

  constructor(options: QueryQueueOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#queued;
  }

  /** Resolves when it is this query's turn, or rejects with the signal's reason; the result ends the turn. */
  async enter(tenant: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const line = this.#lines.get(tenant) ?? { running: 0, waiting: new Set() };
    this.#lines.set(tenant, line);
    if (this.#hasPlace(tenant, line)) this.#begin(line);
    else await this.#turn(tenant, line, signal);
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.#running--;
      line.running--;
      this.#forgetIfEmpty(tenant, line);
      this.#callNext();
    };
  }

  #hasPlace(tenant: string, line: Line): boolean {
    const { maxRunning, maxRunningPerTenant } = this.#options;
    return this.#running < maxRunning && line.running < maxRunningPerTenant(tenant);
  }

  #begin(line: Line): void {
    this.#running++;
    line.running++;
  }

  #turn(tenant: string, line: Line, signal: AbortSignal): Promise<void> {
    const { maxQueued } = this.#options;
    // One tenant alone does not fill the queue for the others.
    if (this.#queued >= maxQueued || line.waiting.size > maxQueued / 2) {
      this.#forgetIfEmpty(tenant, line);
      throw new QueueFullError(maxQueued);
    }
    return new Promise((resolve, reject) => {
      const onTurn = (): void => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      const onAbort = (): void => {
        line.waiting.delete(onTurn);
        this.#queued--;
        this.#forgetIfEmpty(tenant, line);
        reject(signal.reason as Error);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      line.waiting.add(onTurn);
      this.#queued++;
    });
  }

  /** The place goes to the next in line at once, so that nobody slips in between. */
  #callNext(): void {
    for (const [tenant, line] of this.#lines) {
      const [next] = line.waiting;
      if (next === undefined || !this.#hasPlace(tenant, line)) continue;
      line.waiting.delete(next);
      this.#queued--;
      this.#begin(line);
      // Behind the others.
      this.#lines.delete(tenant);
      this.#lines.set(tenant, line);
      next();
      return;
    }
  }

  #forgetIfEmpty(tenant: string, line: Line): void {
    if (line.running === 0 && line.waiting.size === 0 && this.#lines.get(tenant) === line) this.#lines.delete(tenant);
  }
}
