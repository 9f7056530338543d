import type { NotificationAlert, NotificationData } from "../notification.ts";

/** Alerts that a text without templates shows; the rest are counted. */
const MAX_ALERTS = 10;

/** `[FIRING:2] HighLoad (eu)` made without templates, for when those are broken. */
export function plainSubject(data: NotificationData): string {
  const firing = data.alerts.filter((alert) => alert.endsAt === null).length;
  const status = data.status === "firing" ? `[FIRING:${firing}]` : "[RESOLVED]";
  const others = Object.entries(data.commonLabels).filter(([name]) => !Object.hasOwn(data.groupLabels, name));
  const group = sortedPairs(data.groupLabels).map(([, value]) => value);
  const rest = sortedPairs(Object.fromEntries(others)).map(([, value]) => value);
  return [status, ...group, ...(rest.length === 0 ? [] : [`(${rest.join(" ")})`])].join(" ");
}

/** A line an alert: its state and labels, of the first ten alerts. */
export function plainAlertList(data: NotificationData): string {
  const lines = data.alerts.slice(0, MAX_ALERTS).map(alertLine);
  const more = data.alerts.length - lines.length;
  return [...lines, ...(more > 0 ? [`+${more} more`] : [])].join("\n");
}

/** Pairs as upstream sorts them: the alert's name first, the others by name. */
export function sortedPairs(entries: Readonly<Record<string, string>>): [string, string][] {
  const rank = (name: string): string => (name === "alertname" ? "" : ` ${name}`);
  return Object.entries(entries).toSorted(([a], [b]) => (rank(a) < rank(b) ? -1 : 1));
}

function alertLine(alert: NotificationAlert): string {
  const labels = sortedPairs(alert.labels).map(([name, value]) => `${name}=${value}`);
  return `${alert.endsAt === null ? "firing" : "resolved"}: ${labels.join(", ")}`;
}
