import type { Clock } from "../clock.ts";

interface Timer {
  atMs: number;
  readonly callback: () => void;
}

/** A clock for tests: it stands still until it is moved; timers run in the order in which they are due. */
export class FakeClock implements Clock {
  #nowMs: number;
  /** In the order in which they were asked for. */
  readonly #timers = new Set<Timer>();

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer: Timer = { atMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Sets the wall clock back; timers still run after the same delays. */
  setBack(byMs: number): void {
    this.#nowMs -= byMs;
    for (const timer of this.#timers) timer.atMs -= byMs;
  }

  /** Moves the time on, runs what is due until then, in order, and lets promises settle after each. */
  async advance(byMs: number): Promise<void> {
    await this.advanceTo(this.#nowMs + byMs);
  }

  /** As `advance`, up to a moment (epoch ms). */
  async advanceTo(endMs: number): Promise<void> {
    await settle();
    for (let due = this.#firstUntil(endMs); due !== undefined; due = this.#firstUntil(endMs)) {
      this.#timers.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.callback();
      await settle();
    }
    this.#nowMs = endMs;
    await settle();
  }

  #firstUntil(endMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.atMs <= endMs && (first === undefined || timer.atMs < first.atMs)) first = timer;
    }
    return first;
  }
}

/** Long enough for every chain of promises of one step; engine and compression use the event loop itself. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
}
