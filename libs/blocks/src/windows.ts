/** Two hours: what one block of raw samples covers, `(start, start + 2h]`, aligned to the epoch. */
export const WINDOW_MS = 7_200_000;

/** A level of detail: raw samples (0), or buckets of so many ms. */
export interface Resolution {
  readonly resolutionMs: number;
  /** What one block of it covers, aligned to the epoch: a whole number of windows. */
  readonly blockMs: number;
  /** How people write it. */
  readonly name: string;
}

export const RAW: Resolution = { resolutionMs: 0, blockMs: WINDOW_MS, name: "raw" };
export const FIVE_MINUTES: Resolution = { resolutionMs: 300_000, blockMs: 86_400_000, name: "5m" };
export const ONE_HOUR: Resolution = { resolutionMs: 3_600_000, blockMs: 604_800_000, name: "1h" };

/** From fine to coarse. */
export const RESOLUTIONS: readonly Resolution[] = [RAW, FIVE_MINUTES, ONE_HOUR];

/**
 * The start of the span `(start, start + span]` that holds an instant. Windows and blocks are left-open, as PromQL's
 * ranges and the buckets are: so no bucket reaches over the border of a window.
 */
export function startOf(timestampMs: number, spanMs: number): number {
  return Math.floor((timestampMs - 1) / spanMs) * spanMs;
}
