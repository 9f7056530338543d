/** How many requests a server takes. */
export interface RequestBudgetOptions {
  /** So many at once; at least 1. */
  readonly burst: number;
  /** One more comes back after so long. */
  readonly refillMs: number;
}

/** A token bucket that hands out places in line: it never refuses, it says how long to wait. Times in epoch ms. */
export class RequestBudget {
  readonly #burst: number;
  readonly #refillMs: number;
  #tokens: number;
  #countedAtMs: number;

  constructor(options: RequestBudgetOptions, nowMs: number) {
    this.#burst = Math.max(1, options.burst);
    this.#refillMs = Math.max(0, options.refillMs);
    this.#tokens = this.#burst;
    this.#countedAtMs = nowMs;
  }

  /** How long the next `take` would have to wait. */
  delayMs(nowMs: number): number {
    this.#refill(nowMs);
    return this.#tokens >= 1 ? 0 : Math.ceil((1 - this.#tokens) * this.#refillMs);
  }

  /** Takes a place in line; the caller waits `delayMs` as it was before. */
  take(nowMs: number): void {
    this.#refill(nowMs);
    this.#tokens -= 1;
  }

  /** Gives a place back that was not used. */
  giveBack(): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + 1);
  }

  /** The server has said that nothing is left. */
  empty(nowMs: number): void {
    this.#refill(nowMs);
    this.#tokens = Math.min(this.#tokens, 0);
  }

  #refill(nowMs: number): void {
    // A clock that was set back gives nothing and takes nothing.
    const elapsedMs = Math.max(0, nowMs - this.#countedAtMs);
    const refilled = this.#refillMs === 0 ? this.#burst : elapsedMs / this.#refillMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + refilled);
    this.#countedAtMs = nowMs;
  }
}
