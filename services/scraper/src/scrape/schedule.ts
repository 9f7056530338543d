import { createHash } from "node:crypto";

/** Scrapes that start this close to their grid point are stamped with it, so that timestamps compress well. */
const SNAP_TOLERANCE_MS = 2;
const SNAP_TOLERANCE_SHARE = 0.01;

/** The grid on which one target is scraped: every interval, shifted by an offset that spreads the load. */
export interface Schedule {
  readonly intervalMs: number;
  readonly offsetMs: number;
}

/**
 * The offset depends on the target and on a seed of this process (host name and external labels), so that the targets
 * of one scraper spread over the interval and two scrapers of one set of targets do not ask at the same moment.
 */
export function scheduleOf(targetKey: string, seed: string, intervalMs: number): Schedule {
  const hash = hashOf(targetKey) ^ hashOf(seed);
  return { intervalMs, offsetMs: Number(BigInt.asUintN(64, hash) % BigInt(Math.max(1, Math.round(intervalMs)))) };
}

/** The first grid point after an instant. */
export function nextTickAfter(schedule: Schedule, nowMs: number): number {
  const { intervalMs, offsetMs } = schedule;
  return (Math.floor((nowMs - offsetMs) / intervalMs) + 1) * intervalMs + offsetMs;
}

/** The timestamp of a scrape: its grid point where it started close to it, else the start itself, in whole ms. */
export function snapToGrid(schedule: Schedule, scheduledMs: number, startedMs: number): number {
  const toleranceMs = Math.min(SNAP_TOLERANCE_MS, schedule.intervalMs * SNAP_TOLERANCE_SHARE);
  return Math.round(Math.abs(startedMs - scheduledMs) <= toleranceMs ? scheduledMs : startedMs);
}

function hashOf(text: string): bigint {
  return createHash("sha256").update(text).digest().readBigUInt64BE(0);
}
