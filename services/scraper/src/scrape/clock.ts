/** Time as the scraper needs it; tests give one that they move by hand. */
export interface Clock {
  /** Epoch milliseconds, with fractions. */
  now(): number;
  /** Runs the callback once after the delay, unless the returned function is called before. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Node's timers fire at once for anything longer (about 25 days). */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Steps of the wall clock reach `now`, so that timestamps stay true. */
export const SYSTEM_CLOCK: Clock = {
  now: () => {
    const wallMs = Date.now();
    const preciseMs = performance.timeOrigin + performance.now();
    // The monotonic clock adds fractions as long as the wall clock has not been set since the start.
    return Math.abs(preciseMs - wallMs) < 2 ? preciseMs : wallMs;
  },
  after: (delayMs, callback) => {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      timer =
        leftMs <= MAX_TIMER_MS
          ? setTimeout(callback, leftMs)
          : setTimeout(() => arm(leftMs - MAX_TIMER_MS), MAX_TIMER_MS);
    };
    arm(delayMs);
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
