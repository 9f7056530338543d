/** Milliseconds of a UTC day; the tables are partitioned by it. */
export const DAY_MS = 86_400_000;

/** The last day that ClickHouse's Date can hold (2149-06-06). */
const LAST_DAY = 65_535;

/** The UTC day of an instant, in days since 1970-01-01. */
export function dayOf(timestampMs: number): number {
  return Math.floor(timestampMs / DAY_MS);
}

/** The day under which the index keeps a series: days outside ClickHouse's Date count as its first or last one. */
export function indexDay(day: number): number {
  return Math.min(Math.max(day, 0), LAST_DAY);
}
