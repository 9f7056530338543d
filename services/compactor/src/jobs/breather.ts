import { setImmediate as nextTurn } from "node:timers/promises";

/** So long may work go on before others get their turn: queries and leases share the thread. */
const MAX_STRETCH_MS = 10;

/** Breaks long work into short stretches. One for each job. */
export class Breather {
  #sinceMs = performance.now();

  /** To be awaited where it is not undefined: others get their turn first. */
  breathe(): Promise<void> | undefined {
    if (performance.now() - this.#sinceMs < MAX_STRETCH_MS) return undefined;
    return this.#pause();
  }

  async #pause(): Promise<void> {
    await nextTurn();
    this.#sinceMs = performance.now();
  }
}
