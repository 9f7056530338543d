const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

/**
 * How long to wait before the next try after `failures` (1, 2, …) in a row: from 1 s, doubled up to 30 s, of which a
 * random part up to a half is taken off, so that thousands of clients do not come back together.
 */
export function retryDelayMs(failures: number, random: number, retryAfterMs = 0): number {
  const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
  return Math.max(retryAfterMs, Math.round(fullMs * (1 - random / 2)));
}
