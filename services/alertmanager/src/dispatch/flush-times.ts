/** Time for the rest of a burst to arrive where a group is flushed without a wait. */
const SETTLE_MS = 100;

/** A new group waits, unless its first alert has been active for longer than the wait: then hardly at all. */
export function firstFlushMs(startsAtMs: number, groupWaitMs: number, nowMs: number): number {
  return nowMs + (startsAtMs + groupWaitMs < nowMs ? Math.min(SETTLE_MS, groupWaitMs) : groupWaitMs);
}

export interface ResumedGroup {
  /** The flush of the last message that the log knows; undefined: nobody was told yet. */
  readonly lastFlushMs: number | undefined;
  /** The earliest start of its alerts. */
  readonly startsAtMs: number;
  readonly groupIntervalMs: number;
  readonly groupWaitMs: number;
  readonly nowMs: number;
}

/** While nobody dispatched: a flush that was due within that time may have been missed. */
const GAP_MS = 15_000;

/**
 * When a group that another replica (or an earlier run) has flushed is due: at the next instant of its rhythm, or at the
 * last one where it is so fresh that nobody may have flushed then. A group of which nobody was told is due once its
 * alerts are as old as the wait.
 */
export function resumedFlushMs(group: ResumedGroup): number {
  const { lastFlushMs, startsAtMs, groupIntervalMs, groupWaitMs, nowMs } = group;
  if (lastFlushMs === undefined) {
    return Math.max(nowMs + Math.min(SETTLE_MS, groupWaitMs), Math.min(startsAtMs, nowMs) + groupWaitMs);
  }
  if (lastFlushMs > nowMs) return Math.min(lastFlushMs, nowMs + groupIntervalMs);
  const ticks = Math.floor((nowMs - lastFlushMs) / groupIntervalMs);
  const lastTickMs = lastFlushMs + ticks * groupIntervalMs;
  return ticks > 0 && nowMs - lastTickMs <= GAP_MS ? lastTickMs : lastTickMs + groupIntervalMs;
}
