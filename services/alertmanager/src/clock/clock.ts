/** A timer that has not gone off yet; `cancel` is harmless at any time. */
export interface Timer {
  cancel(): void;
}

/** The time as everything here reads it, so that tests can run hours in a moment. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  setTimer(delayMs: number, onDue: () => void): Timer;
}

/** The longest delay that `setTimeout` takes. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The machine's clock. A timer further away than 24 days goes off then, which its owner must take. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer: (delayMs, onDue) => {
    const timer = setTimeout(onDue, Math.min(Math.max(0, delayMs), MAX_DELAY_MS));
    return { cancel: () => clearTimeout(timer) };
  },
};
