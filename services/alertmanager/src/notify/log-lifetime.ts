/** How long the log keeps an entry after it was written: repeats must find it, and nothing is kept beyond retention. */
export function logLifetimeMs(repeatIntervalMs: number, retentionMs: number): number {
  return Math.min(retentionMs, 2 * repeatIntervalMs);
}
