const FIRST_MS = 500;
const FACTOR = 1.5;
const CAP_MS = 60_000;
const JITTER = 0.5;

/**
 * How long to wait after the given number of failed tries: half a second that grows by half, up to a minute, and half as
 * much more or less at random; at least what the service asked for.
 */
export function backOffMs(failures: number, retryAfterMs: number | undefined, random: () => number): number {
  const baseMs = Math.min(CAP_MS, FIRST_MS * FACTOR ** (failures - 1));
  const jittered = baseMs * (1 - JITTER + 2 * JITTER * random());
  return Math.round(Math.max(jittered, retryAfterMs ?? 0));
}
