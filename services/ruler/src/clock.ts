/** Time as the ruler needs it; tests give one that they move by hand. */
export interface Clock {
  /** Whole epoch milliseconds. */
  now(): number;
  /** Runs the callback once after the delay, unless the returned function is called before. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Node's timers fire at once for anything longer (about 25 days). */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const SYSTEM_CLOCK: Clock = {
  now: Date.now,
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
