import type { Labels } from "@monotreme/model";

export type AlertState = "inactive" | "pending" | "firing";

/** One alert of a rule; instants are epoch ms, undefined where they have not come. */
export interface ActiveAlert {
  readonly labels: Labels;
  annotations: Labels;
  state: AlertState;
  value: number;
  activeAtMs: number;
  firedAtMs: number | undefined;
  /** Since when it only fires because of `keep_firing_for`. */
  keepFiringSinceMs: number | undefined;
  resolvedAtMs: number | undefined;
  lastSentAtMs: number | undefined;
}

/** What an expression gave for one alert. */
export interface FoundAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly value: number;
}

export interface AlertTimes {
  readonly forMs: number;
  readonly keepFiringForMs: number;
}

/** A resolved alert is kept for that long, so that whoever missed it is told again. */
const RESOLVED_RETENTION_MS = 15 * 60_000;

/**
 * Takes the alerts of a rule from one evaluation to the next: inactive → pending → firing → resolved, by upstream's
 * rules. Both maps are by the key of the alert's labels; `active` is changed in place.
 */
export function advanceAlerts(
  active: Map<string, ActiveAlert>,
  found: ReadonlyMap<string, FoundAlert>,
  tsMs: number,
  times: AlertTimes,
): void {
  for (const [key, { labels, annotations, value }] of found) {
    const known = active.get(key);
    if (known !== undefined && known.state !== "inactive") {
      known.value = value;
      known.annotations = annotations;
    } else active.set(key, newAlert(labels, annotations, value, tsMs));
  }
  for (const [key, alert] of active) {
    if (found.has(key)) alert.keepFiringSinceMs = undefined;
    else if (!isKept(alert, tsMs, times)) {
      const isForgotten = alert.resolvedAtMs !== undefined && tsMs - alert.resolvedAtMs > RESOLVED_RETENTION_MS;
      if (alert.state === "pending" || isForgotten) active.delete(key);
      else if (alert.state === "firing") {
        alert.state = "inactive";
        alert.resolvedAtMs = tsMs;
      }
      continue;
    }
    if (alert.state === "pending" && tsMs - alert.activeAtMs >= times.forMs) {
      alert.state = "firing";
      alert.firedAtMs = tsMs;
    }
  }
}

/** How many alerts are pending or firing. */
export function countActive(active: ReadonlyMap<string, ActiveAlert>): number {
  let count = 0;
  for (const { state } of active.values()) if (state !== "inactive") count++;
  return count;
}

/** Whether an alert has news for the Alertmanagers, or was last told to them longer ago than they remember. */
export function needsSending(alert: ActiveAlert, tsMs: number, resendDelayMs: number): boolean {
  if (alert.state === "pending") return false;
  const { lastSentAtMs = Number.NEGATIVE_INFINITY, resolvedAtMs } = alert;
  if (resolvedAtMs !== undefined && resolvedAtMs > lastSentAtMs) return true;
  return lastSentAtMs + resendDelayMs < tsMs;
}

function newAlert(labels: Labels, annotations: Labels, value: number, tsMs: number): ActiveAlert {
  return {
    labels,
    annotations,
    state: "pending",
    value,
    activeAtMs: tsMs,
    firedAtMs: undefined,
    keepFiringSinceMs: undefined,
    resolvedAtMs: undefined,
    lastSentAtMs: undefined,
  };
}

/** Whether a firing alert whose series is gone goes on firing for its `keep_firing_for`. */
function isKept(alert: ActiveAlert, tsMs: number, { keepFiringForMs }: AlertTimes): boolean {
  if (alert.state !== "firing" || keepFiringForMs === 0) return false;
  alert.keepFiringSinceMs ??= tsMs;
  return tsMs - alert.keepFiringSinceMs < keepFiringForMs;
}
