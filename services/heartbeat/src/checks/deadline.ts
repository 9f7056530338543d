import type { Schedule, TimeZone } from "@monotreme/schedule";
import type { CheckState } from "./check.ts";

/** What of a check's definition its deadlines depend on, parsed. */
export interface CheckTiming {
  /** The period of a simple schedule, in milliseconds, or when cron or a calendar says. */
  readonly schedule: number | { readonly dates: Schedule; readonly zone: TimeZone };
  readonly graceMs: number;
}

export type ShownStatus = "new" | "up" | "grace" | "down" | "paused";

/** When the next ping is expected, while the check is up; undefined where no date is left. */
export function expectedMs(state: CheckState, { schedule }: CheckTiming): number | undefined {
  if (state.status !== "up" || state.lastPingMs === undefined) return undefined;
  if (typeof schedule === "number") return state.lastPingMs + schedule;
  return schedule.dates.nextAfter(state.lastPingMs, schedule.zone);
}

/**
 * The moment at which the check goes down unless something comes: the expected ping, or the start of the run that is
 * going on where that is earlier, and the grace time. A check that is down has none.
 */
export function deadlineMs(state: CheckState, timing: CheckTiming): number | undefined {
  if (state.status === "down") return undefined;
  const candidates = [expectedMs(state, timing), state.lastStartMs].filter((each) => each !== undefined);
  return candidates.length === 0 ? undefined : Math.min(...candidates) + timing.graceMs;
}

/** What a person is shown at a moment: late is `grace`, and what has passed its deadline is down at once. */
export function shownStatus(state: CheckState, timing: CheckTiming, nowMs: number): ShownStatus {
  if (state.lastStartMs !== undefined && nowMs >= state.lastStartMs + timing.graceMs) return "down";
  if (state.status !== "up") return state.status;
  const expected = expectedMs(state, timing);
  if (expected === undefined || nowMs < expected) return "up";
  return nowMs < expected + timing.graceMs ? "grace" : "down";
}

/** Whether a run is going on. */
export function isStarted(state: CheckState, timing: CheckTiming, nowMs: number): boolean {
  return state.lastStartMs !== undefined && nowMs < state.lastStartMs + timing.graceMs;
}
