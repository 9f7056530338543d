/** Time as the scraper needs it; tests give one that they move by hand. */
export interface Clock {
  /** Epoch milliseconds, with fractions. */
  now(): number;
  /** Runs the callback once after the delay, unless the returned function is called before. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Steps of the wall clock reach `now`, so that timestamps stay true. */
export const SYSTEM_CLOCK: Clock = {
  now: () => {
    const wallMs = Date.now();
    const preciseMs = performance.timeOrigin + performance.now();
    // The monotonic clock adds fractions as long as the wall clock has not been set since the start.
    return Math.abs(preciseMs - wallMs) < 2 ? preciseMs : wallMs;
  },
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after the delay, or as soon as the signal aborts. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    signal.addEventListener("abort", finish, { once: true });
  });
}
