const DAY_MS = 86_400_000;

/** The last part of a day, in which the series are named for the next one a few at a time. */
const AHEAD_MS = 2 * 3_600_000;

export function dayOf(timestampMs: number): number {
  return Math.floor(timestampMs / DAY_MS);
}

/**
 * The day for which a series has to be named now, or 0. Each series is named once a day; the naming for the next day is
 * spread over the last two hours of this one, by slot, so that midnight brings no burst.
 */
export function dayToAnnounce(slot: number, announcedDay: number, nowMs: number): number {
  const today = dayOf(nowMs);
  if (announcedDay < today) return today;
  if (announcedDay > today) return 0;
  const aheadMs = nowMs - ((today + 1) * DAY_MS - AHEAD_MS);
  if (aheadMs < 0) return 0;
  // Fibonacci hashing: neighbouring slots fall far apart.
  const phase = (Math.imul(slot, 0x9e3779b1) >>> 0) / 2 ** 32;
  return aheadMs >= phase * AHEAD_MS ? today + 1 : 0;
}
