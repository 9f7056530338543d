/** Calls a timer off; harmless at any time. */
export type CancelTimer = () => void;

/** Time as those need it who wait for it, so that tests can give one that they move by hand. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Runs the callback once after the delay (ms), unless the returned function is called before. */
  after(delayMs: number, callback: () => void): CancelTimer;
}

/** Node's timers fire at once for anything longer (about 25 days). */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock in whole milliseconds; delays may be of any length. */
export const SYSTEM_CLOCK: Clock = { now: Date.now, after };

/** The machine's clock with fractions of milliseconds; steps of the wall clock reach `now`, so that it stays true. */
export const PRECISE_SYSTEM_CLOCK: Clock = {
  now: () => {
    const wallMs = Date.now();
    const preciseMs = performance.timeOrigin + performance.now();
    // The monotonic clock adds fractions as long as the wall clock has not been set since the start.
    return Math.abs(preciseMs - wallMs) < 2 ? preciseMs : wallMs;
  },
  after,
};

function after(delayMs: number, callback: () => void): CancelTimer {
  let timer: NodeJS.Timeout;
  const arm = (leftMs: number): void => {
    timer =
      leftMs <= MAX_TIMER_MS
        ? setTimeout(callback, leftMs)
        : setTimeout(() => arm(leftMs - MAX_TIMER_MS), MAX_TIMER_MS);
  };
  arm(delayMs);
  return () => clearTimeout(timer);
}
