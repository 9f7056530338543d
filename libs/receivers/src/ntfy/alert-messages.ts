import type { Notification, NotificationAlert } from "../notification.ts";
import type { NtfyMemory } from "./ntfy-memory.ts";

/** More messages of one flush than this would use up a server's burst of 60. */
const MAX_SINGLE_MESSAGES = 30;
const REPEAT_REASON = "repeat interval elapsed";

/** What one delivery sends where each alert has a message of its own. */
export interface AlertMessages {
  readonly single: readonly NotificationAlert[];
  /** The alerts of the one message about the rest; empty where nothing of it has changed. */
  readonly summed: readonly NotificationAlert[];
}

/**
 * Alerts that are new and those that are over since what is remembered, and at the repeat interval all that fire. At
 * most `maxAlerts` (0: thirty) get a message of their own; an alert that was summed up stays so until it is over.
 */
export function planAlertMessages(notification: Notification, memory: NtfyMemory, maxAlerts: number): AlertMessages {
  const { shown, summed } = memory;
  const limit = maxAlerts > 0 ? Math.min(maxAlerts, MAX_SINGLE_MESSAGES) : MAX_SINGLE_MESSAGES;
  const isRepeat = notification.data.notificationReason === REPEAT_REASON;
  const changed = notification.alerts.filter(({ fingerprint, endsAt }) => {
    const isKnown = summed.has(fingerprint) || (shown?.has(fingerprint) ?? endsAt !== null);
    return endsAt === null ? isRepeat || !isKnown : isKnown;
  });
  const own = changed.filter(({ fingerprint }) => !summed.has(fingerprint));
  const single = own.length > limit ? own.slice(0, limit - 1) : own;
  if (single.length === changed.length) return { single, summed: [] };
  const rest = new Set([...summed, ...own.slice(single.length).map(({ fingerprint }) => fingerprint)]);
  return { single, summed: notification.alerts.filter(({ fingerprint }) => rest.has(fingerprint)) };
}
