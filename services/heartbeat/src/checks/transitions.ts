import type { CheckState, Flip, StoredStatus } from "./check.ts";
import { type CheckTiming, deadlineMs } from "./deadline.ts";

/** What a ping says: the job did well, badly or has begun; or only something for the log, or nothing that counts. */
export type PingAction = "success" | "fail" | "start" | "log" | "ign";

export interface PingEvent {
  readonly action: PingAction;
  readonly atMs: number;
  readonly runId?: string | undefined;
}

export interface Transition {
  readonly state: CheckState;
  /** In the order in which they happened. */
  readonly flips: readonly Flip[];
}

/** Runs longer than this are two jobs that have nothing to do with each other. */
const LONGEST_RUN_MS = 72 * 3_600_000;

/** Takes a check past its deadline down, at the moment of the deadline, whenever that is noticed. */
export function expire(state: CheckState, timing: CheckTiming, nowMs: number): Transition {
  const deadline = deadlineMs(state, timing);
  if (deadline === undefined || nowMs < deadline) return { state, flips: [] };
  return { state: { ...state, status: "down" }, flips: [flipTo(state, "down", deadline, "timeout")] };
}

/**
 * What a ping does to a check. A deadline that passed before it takes effect first, so the outcome does not depend on
 * who was quicker, the ping or the timer.
 */
export function applyPing(
  before: CheckState,
  timing: CheckTiming,
  ping: PingEvent,
  { manualResume }: { readonly manualResume: boolean },
): Transition & { readonly action: PingAction } {
  const { state: expired, flips } = expire(before, timing, ping.atMs);
  const state = { ...expired, pingCount: expired.pingCount + 1 };
  const isHeld = expired.status === "paused" && manualResume && ping.action !== "log";
  const action = isHeld ? "ign" : ping.action;
  switch (action) {
    case "log":
    case "ign":
      return { state, flips, action };
    case "start":
      return { state: { ...state, lastStartMs: ping.atMs, lastStartRunId: ping.runId }, flips, action };
    case "success":
    case "fail": {
      const status = action === "success" ? "up" : "down";
      const flip = state.status === status ? [] : [flipTo(state, status, ping.atMs, action === "fail" ? "fail" : "")];
      const ended = { ...state, ...endRun(state, ping), status, lastPingMs: ping.atMs } as const;
      return { state: ended, flips: [...flips, ...flip], action };
    }
  }
}

/** Idempotent. A pause has no deadline, and a run that was going on is forgotten. */
export function pause(state: CheckState, atMs: number): Transition {
  if (state.status === "paused") return { state, flips: [] };
  const paused = { ...state, status: "paused", lastStartMs: undefined, lastStartRunId: undefined } as const;
  return { state: paused, flips: [flipTo(state, "paused", atMs, "")] };
}

/** Ends a pause as if the check were new; undefined where it is not paused. */
export function resume(state: CheckState, atMs: number): Transition | undefined {
  if (state.status !== "paused") return undefined;
  const resumed = {
    ...state,
    status: "new",
    lastPingMs: undefined,
    lastStartMs: undefined,
    lastStartRunId: undefined,
    lastDurationMs: undefined,
  } as const;
  return { state: resumed, flips: [flipTo(state, "new", atMs, "")] };
}

/** The run that a success or a failure ends is the one with its run id; only the last one begun is timed. */
function endRun(state: CheckState, { action, atMs, runId }: PingEvent): Partial<CheckState> {
  const { lastStartMs, lastStartRunId } = state;
  const closed = { lastStartMs: undefined, lastStartRunId: undefined };
  if (lastStartMs !== undefined && runId === lastStartRunId) {
    const tookMs = atMs - lastStartMs;
    return { ...closed, lastDurationMs: tookMs >= 0 && tookMs <= LONGEST_RUN_MS ? tookMs : undefined };
  }
  const leavesOpen = action === "success" && runId !== undefined;
  return { ...(leavesOpen ? {} : closed), lastDurationMs: undefined };
}

function flipTo(state: CheckState, to: StoredStatus, atMs: number, reason: Flip["reason"]): Flip {
  const from = state.status;
  // The first ping of a check is no news, nor is what a person did.
  const isNotified = to === "down" || (to === "up" && from === "down");
  return { atMs, from, to, reason, isNotified };
}
