import type { NotificationAlert, NotificationData } from "../notification.ts";

const RUNBOOK_ANNOTATIONS = ["runbook_url", "runbookURL", "runbook_link", "runbook"];
const DASHBOARD_ANNOTATIONS = ["dashboard_url", "dashboardURL", "dashboard_link", "dashboard"];
const PLAIN_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** Where a message can lead; each undefined where there is no such page. */
export interface NtfyLinks {
  /** The graph behind the alerts, where all of them have the same one. */
  readonly source: string | undefined;
  readonly runbook: string | undefined;
  readonly dashboard: string | undefined;
  /** The group on the alertmanager's own page. */
  readonly group: string;
}

/** Pages that alerts name; anything that is not an http(s) address counts as missing. */
export function linksOf(data: NotificationData): NtfyLinks {
  const { alerts } = data;
  return {
    source: commonUrl(alerts, (alert) => [alert.generatorUrl]),
    runbook: commonUrl(alerts, (alert) => RUNBOOK_ANNOTATIONS.map((name) => alert.annotations[name])),
    dashboard: commonUrl(alerts, (alert) => DASHBOARD_ANNOTATIONS.map((name) => alert.annotations[name])),
    group: groupUrl(data),
  };
}

/** The labels that a silence of these alerts names: all of one alert, the common ones of several; never none. */
export function silencedLabels(data: NotificationData): Readonly<Record<string, string>> | undefined {
  const firing = data.alerts.filter((alert) => alert.endsAt === null);
  const [first, ...others] = firing;
  if (first === undefined) return undefined;
  const common = Object.entries(first.labels).filter(([name, value]) =>
    others.every((alert) => alert.labels[name] === value),
  );
  return common.length === 0 ? undefined : Object.fromEntries(common);
}

/** The alertmanager's form for a new silence, filled in. */
export function newSilenceUrl(
  externalUrl: string,
  labels: Readonly<Record<string, string>>,
  duration: string | undefined,
): string {
  const length = duration === undefined ? "" : `&duration=${encodeURIComponent(duration)}`;
  return `${trimSlash(externalUrl)}/#/silences/new?filter=${encodeURIComponent(matcherText(labels))}${length}`;
}

/** `{a="1",b="2"}`, names in order, quoted as the matcher's grammar asks for. */
export function matcherText(labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels).toSorted();
  const matchers = names.map((name) => {
    const shownName = PLAIN_NAME.test(name) ? name : JSON.stringify(name);
    return `${shownName}=${JSON.stringify(labels[name])}`;
  });
  return `{${matchers.join(",")}}`;
}

/** Whether a text is an address that a phone may open. */
export function isWebUrl(text: string): boolean {
  if (!/^https?:\/\//i.test(text)) return false;
  try {
    return new URL(text).hostname !== "";
  } catch {
    return false;
  }
}

function groupUrl(data: NotificationData): string {
  const base = `${trimSlash(data.externalUrl)}/#/alerts?receiver=${encodeURIComponent(data.receiver)}`;
  const hasLabels = Object.keys(data.groupLabels).length > 0;
  return hasLabels ? `${base}&filter=${encodeURIComponent(matcherText(data.groupLabels))}` : base;
}

function commonUrl(
  alerts: readonly NotificationAlert[],
  candidates: (alert: NotificationAlert) => readonly (string | undefined)[],
): string | undefined {
  const urls = alerts.map((alert) => candidates(alert).find((url) => url !== undefined && isWebUrl(url)));
  const [first] = urls;
  return first !== undefined && urls.every((url) => url === first) ? first : undefined;
}

function trimSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
