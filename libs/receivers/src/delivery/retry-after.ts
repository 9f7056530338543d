/** No service's wish is followed beyond this; the next flush comes long before. */
const MAX_RETRY_AFTER_MS = 60 * 60 * 1000;

/** What a `Retry-After` header asks for: seconds or a date; undefined where it is absent or unreadable. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text) * 1000, MAX_RETRY_AFTER_MS);
  const dateMs = text === "" ? Number.NaN : Date.parse(text);
  return Number.isNaN(dateMs) ? undefined : Math.min(Math.max(0, dateMs - nowMs), MAX_RETRY_AFTER_MS);
}
