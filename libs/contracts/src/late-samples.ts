/**
 * The KV bucket that says when samples of the past changed: an ingester puts a key for each stretch of time into which a
 * batch brought samples older than {@link LATE_AFTER_MS}, after its rows are visible and before it acknowledges them.
 * The key's revision is the bucket's sequence, so whoever computed a result when the bucket stood at revision r may
 * keep it as long as no stretch that it read has a later revision.
 */
export const LATE_SAMPLES_BUCKET = "late_samples";

/** Keys are forgotten after that long; results that were kept must be gone by then. */
export const LATE_SAMPLES_TTL_MS = 48 * 3_600_000;

/** A sample this much older than the ingester's clock, when its rows have become visible, is announced as late. */
export const LATE_AFTER_MS = 9 * 60_000;

/** Results may be kept where they read nothing younger than this; the difference covers clocks that disagree. */
export const SETTLED_AFTER_MS = 10 * 60_000;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The older, the wider: a tenant has some hundred keys at most. */
const STRETCHES = [
  { id: "m", widthMs: 10 * MINUTE_MS, maxAgeMs: 3 * DAY_MS },
  { id: "h", widthMs: 360 * MINUTE_MS, maxAgeMs: 32 * DAY_MS },
  { id: "d", widthMs: 8 * DAY_MS, maxAgeMs: 732 * DAY_MS },
] as const;
const ALL = "all";

/** A stretch of one tenant's time, both ends included, in epoch ms. */
export interface LateStretch {
  readonly tenant: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The key of the stretch that holds a late sample. */
export function lateKeyOf(tenant: string, timestampMs: number, nowMs: number): string {
  const ageMs = nowMs - timestampMs;
  const stretch = STRETCHES.find(({ maxAgeMs }) => ageMs <= maxAgeMs);
  const rest = stretch === undefined ? ALL : `${stretch.id}.${Math.floor(timestampMs / stretch.widthMs)}`;
  return `${Buffer.from(tenant).toString("base64url")}.${rest}`;
}

/** What a key stands for; a key of an unknown form stands for nothing. */
export function lateStretchOf(key: string): LateStretch | undefined {
  const [encodedTenant = "", id = "", index = ""] = key.split(".");
  const tenant = Buffer.from(encodedTenant, "base64url").toString();
  if (id === ALL) return { tenant, fromMs: -Infinity, untilMs: Infinity };
  const stretch = STRETCHES.find((known) => known.id === id);
  if (stretch === undefined || !/^-?\d+$/.test(index)) return undefined;
  const fromMs = Number(index) * stretch.widthMs;
  return { tenant, fromMs, untilMs: fromMs + stretch.widthMs - 1 };
}
