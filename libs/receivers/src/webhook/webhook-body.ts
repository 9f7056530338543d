import type { GoJsonValue } from "../delivery/go-json.ts";
import type { Notification, NotificationAlert } from "../notification.ts";
import { goTimeText, ZERO_TIME } from "../templates/go-time-text.ts";

/** The JSON of version 4, in upstream's order of fields. */
export function webhookBody(notification: Notification, truncatedAlerts: number): GoJsonValue {
  const { data } = notification;
  return {
    receiver: data.receiver,
    status: data.status,
    alerts: data.alerts.map(alertJson),
    notification_reason: data.notificationReason,
    groupLabels: mapOf(data.groupLabels),
    commonLabels: mapOf(data.commonLabels),
    commonAnnotations: mapOf(data.commonAnnotations),
    routeLabels: mapOf(data.routeLabels),
    externalURL: data.externalUrl,
    version: "4",
    groupKey: notification.groupKey,
    truncatedAlerts,
  };
}

/** One alert as webhooks and `toJson` show it. */
export function alertJson(alert: NotificationAlert): GoJsonValue {
  return {
    status: alert.endsAt === null ? "firing" : "resolved",
    labels: mapOf(alert.labels),
    annotations: mapOf(alert.annotations),
    startsAt: goTimeText(alert.startsAt),
    endsAt: alert.endsAt === null ? ZERO_TIME : goTimeText(alert.endsAt),
    generatorURL: alert.generatorUrl,
    fingerprint: alert.fingerprint,
  };
}

function mapOf(entries: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(entries));
}
