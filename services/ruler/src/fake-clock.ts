import type { Clock } from "./clock.ts";

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** A clock for tests: it stands still until it is moved. */
export class FakeClock implements Clock {
  #nowMs: number;
  readonly #timers = new Set<Timer>();

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Sets the wall clock back; timers still run after the same delays. */
  setBack(byMs: number): void {
    this.#nowMs -= byMs;
    const moved = [...this.#timers].map(({ atMs, callback }) => ({ atMs: atMs - byMs, callback }));
    this.#timers.clear();
    for (const timer of moved) this.#timers.add(timer);
  }

  /** Runs what is due within the time, in order, and lets promises settle after each. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#nowMs + byMs;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.callback();
      await settle();
    }
    this.#nowMs = endMs;
    await settle();
  }
}

/** Long enough for every chain of promises of one evaluation; engine and compression use the event loop itself. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise<void>((resolve) => void setImmediate(resolve));
}
