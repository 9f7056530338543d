import { setImmediate as nextTurn } from "node:timers/promises";

const MAX_STRETCH_MS = 10;

/** Breaks long work into short stretches, as whatever else this thread does waits meanwhile. One for each work. */
export class Breather {
  readonly #maxStretchMs: number;
  #sinceMs = performance.now();

  /** So long, in ms, work may go on before others get their turn; 10 when not given. */
  constructor(maxStretchMs = MAX_STRETCH_MS) {
    this.#maxStretchMs = maxStretchMs;
  }

  /** To be awaited where it is not undefined: others get their turn first. */
  breathe(): Promise<void> | undefined {
    if (performance.now() - this.#sinceMs < this.#maxStretchMs) return undefined;
    return this.#pause();
  }

  async #pause(): Promise<void> {
    await nextTurn();
    this.#sinceMs = performance.now();
  }
}
