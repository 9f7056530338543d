import type { LogState } from "./notification-log.ts";

/** Upstream's `notification_reason`. */
export type NotificationReason =
  | "first notification"
  | "new alerts added"
  | "all alerts resolved"
  | "some alerts resolved"
  | "repeat interval elapsed";

export interface Flush {
  /** Fingerprints. */
  readonly firing: ReadonlySet<string>;
  readonly resolved: ReadonlySet<string>;
  readonly flushMs: number;
}

export interface DecisionOptions {
  readonly sendResolved: boolean;
  readonly repeatIntervalMs: number;
}

/** Why an integration must hear of a flush, after what the log says it has heard; undefined where it need not. */
export function decide(
  state: LogState | undefined,
  { firing, resolved, flushMs }: Flush,
  { sendResolved, repeatIntervalMs }: DecisionOptions,
): NotificationReason | undefined {
  if (state === undefined) return firing.size > 0 ? "first notification" : undefined;
  if (!isSubset(firing, state.firing)) return state.firing.size === 0 ? "first notification" : "new alerts added";
  if (firing.size === 0) return state.firing.size > 0 ? "all alerts resolved" : undefined;
  if (sendResolved && !isSubset(resolved, state.resolved)) return "some alerts resolved";
  return state.sentAtMs < flushMs - repeatIntervalMs ? "repeat interval elapsed" : undefined;
}

function isSubset(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  for (const one of part) if (!whole.has(one)) return false;
  return true;
}
