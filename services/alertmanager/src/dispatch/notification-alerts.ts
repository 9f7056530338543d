import { compareLabels, Labels } from "@monotreme/model";
import type { NotificationAlert } from "@monotreme/receivers";
import { type Alert, isResolvedAt, type LabelSet, labelOf } from "../alerts/alert.ts";

/** The order in which a notification shows alerts: by job, instance, then all labels. */
export function sortAlerts(alerts: Iterable<Alert>): Alert[] {
  const keyed = Array.from(alerts, (alert) => ({
    alert,
    job: labelOf(alert.labels, "job"),
    instance: labelOf(alert.labels, "instance"),
    labels: undefined as Labels | undefined,
  }));
  keyed.sort((a, b) => {
    if (a.job !== b.job) return a.job < b.job ? -1 : 1;
    if (a.instance !== b.instance) return a.instance < b.instance ? -1 : 1;
    a.labels ??= Labels.fromObject(a.alert.labels);
    b.labels ??= Labels.fromObject(b.alert.labels);
    return compareLabels(a.labels, b.labels);
  });
  return keyed.map(({ alert }) => alert);
}

/** As receivers see it at a time: without an end while it fires. */
export function notificationAlertOf(alert: Alert, nowMs: number): NotificationAlert {
  return {
    labels: alert.labels,
    annotations: alert.annotations,
    startsAt: formatInstant(alert.startsAtMs),
    endsAt: isResolvedAt(alert, nowMs) ? formatInstant(alert.endsAtMs) : null,
    generatorUrl: alert.generatorUrl,
    fingerprint: alert.fingerprint,
  };
}

/** RFC 3339 in UTC without zeros at the end of the fraction, as Go writes it. */
export function formatInstant(timestampMs: number): string {
  return new Date(timestampMs).toISOString().replace(/\.?0*Z$/, "Z");
}

/** A key that tells label sets apart. */
export function labelSetKey(labels: LabelSet): string {
  return JSON.stringify(Object.entries(labels));
}
