import { createNotification } from "./create-notification.ts";
import type { Notification, NotificationAlert, NotificationInput } from "./notification.ts";

/** For tests: an alert whose fingerprint is its labels' values. */
export function sampleAlert(
  labels: Readonly<Record<string, string>>,
  rest: Partial<NotificationAlert> = {},
): NotificationAlert {
  return {
    labels,
    annotations: {},
    startsAt: "2026-01-02T03:00:00.000Z",
    endsAt: null,
    generatorUrl: "http://prometheus.example/graph?g0.expr=up",
    fingerprint: Object.values(labels).join("-"),
    ...rest,
  };
}

/** For tests: when `sampleAlert`s are over. */
export const RESOLVED = { endsAt: "2026-01-02T03:04:00.000Z" };

/** For tests: a notification about these alerts. */
export function sampleNotification(
  alerts: readonly NotificationAlert[],
  rest: Partial<NotificationInput> = {},
): Notification {
  return createNotification({
    receiver: "team",
    groupKey: '{}:{alertname="Down"}',
    groupLabels: { alertname: "Down" },
    routeLabels: {},
    reason: "first notification",
    alerts,
    flushMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    receiverData: {},
    externalUrl: "http://alertmanager.example/",
    ...rest,
  });
}
