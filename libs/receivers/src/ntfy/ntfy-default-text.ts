import type { NotificationAlert, NotificationData } from "../notification.ts";
import { ALERT_SEPARATOR } from "./ntfy-text.ts";

const TEXT_ANNOTATIONS = ["summary", "message", "title"];
const DETAIL_ANNOTATION = "description";

/** `[FIRING:2] InstanceDown (eu, node)`: status, number of firing alerts, alert name, values of the group's labels. */
export function defaultTitle(data: NotificationData): string {
  const firing = data.alerts.filter((alert) => alert.endsAt === null).length;
  const status = data.status === "firing" ? `[FIRING:${firing}]` : "[RESOLVED]";
  const name = data.commonLabels["alertname"] ?? `${data.alerts.length} alerts`;
  const group = sortedEntries(data.groupLabels).filter(([label]) => label !== "alertname");
  const values = group.map(([, value]) => value).join(", ");
  return values === "" ? `${status} ${name}` : `${status} ${name} (${values})`;
}

/**
 * What each alert says, firing ones first: its summary and description, or the labels that the title does not show.
 * Where several alerts say something that does not name what tells them apart, those labels follow.
 */
export function defaultMessage(data: NotificationData): string {
  const firing = data.alerts.filter((alert) => alert.endsAt === null);
  const resolved = data.alerts.filter((alert) => alert.endsAt !== null);
  const prefix = firing.length === 0 ? "" : "Resolved: ";
  return [
    ...firing.map((alert) => alertText(alert, data)),
    ...resolved.map((alert) => `${prefix}${alertText(alert, data)}`),
  ].join(ALERT_SEPARATOR);
}

function alertText(alert: NotificationAlert, data: NotificationData): string {
  const said = TEXT_ANNOTATIONS.map((name) => alert.annotations[name]).find(
    (text) => text !== undefined && text !== "",
  );
  const detail = alert.annotations[DETAIL_ANNOTATION] ?? "";
  const headline = said ?? (detail === "" ? labelText(alert, data) : undefined);
  const lines = [headline, detail === said ? undefined : detail].filter((line) => line !== undefined && line !== "");
  const text = lines.join("\n");
  const missing = sortedEntries(alert.labels).filter(
    ([name, value]) => data.alerts.length > 1 && !Object.hasOwn(data.commonLabels, name) && !text.includes(value),
  );
  return missing.length === 0 ? text : `${text}\n${pairs(missing)}`;
}

/** The labels beside those of the title; the alert's name where there are no others. */
function labelText(alert: NotificationAlert, data: NotificationData): string {
  const inTitle = (name: string): boolean => name === "alertname" || Object.hasOwn(data.groupLabels, name);
  const others = sortedEntries(alert.labels).filter(([name]) => !inTitle(name));
  return others.length === 0 ? (alert.labels["alertname"] ?? pairs(sortedEntries(alert.labels))) : pairs(others);
}

function pairs(entries: readonly (readonly [string, string])[]): string {
  return entries.map(([name, value]) => `${name}=${value}`).join(", ");
}

function sortedEntries(labels: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
