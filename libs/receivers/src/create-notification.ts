import { createHash } from "node:crypto";
import type { Notification, NotificationAlert, NotificationData, NotificationInput } from "./notification.ts";

/** Computes what templates see and the hash of the group key. */
export function createNotification(input: NotificationInput): Notification {
  return {
    ...input,
    data: notificationData(input),
    groupKeyHash: createHash("sha256").update(input.groupKey).digest("hex"),
  };
}

/** The same notification with fewer alerts; status and common labels are those of the alerts that stay. */
export function withAlerts(notification: Notification, alerts: readonly NotificationAlert[]): Notification {
  const input = { ...notification, alerts };
  return { ...input, data: notificationData(input) };
}

/** The data of upstream's templates for these alerts. */
export function notificationData(input: NotificationInput): NotificationData {
  const { alerts } = input;
  return {
    receiver: quotePattern(input.receiver),
    status: alerts.every((alert) => alert.endsAt !== null) ? "resolved" : "firing",
    alerts,
    notificationReason: input.reason,
    groupLabels: input.groupLabels,
    commonLabels: commonEntries(alerts.map((alert) => alert.labels)),
    commonAnnotations: commonEntries(alerts.map((alert) => alert.annotations)),
    routeLabels: input.routeLabels,
    externalUrl: input.externalUrl,
  };
}

/** As Go's `regexp.QuoteMeta`. */
function quotePattern(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}

function commonEntries(all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first = {}, ...others] = all;
  const isCommon = ([name, value]: [string, string]): boolean =>
    others.every((entries) => Object.hasOwn(entries, name) && entries[name] === value);
  return Object.fromEntries(Object.entries(first).filter(isCommon));
}
