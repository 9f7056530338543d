import type { StackStatus } from "./ask-stack.ts";
import { samplesOf, versionOf } from "./probe-role.ts";

const MAX_LISTED = 20;
const MAX_LAG_SECONDS = 120;
const MAX_BACKLOG_AGE_SECONDS = 6 * 3600;

/** What is shown, and what of it is broken. */
export interface RenderedStatus {
  readonly lines: readonly string[];
  readonly faults: readonly string[];
}

/** A page for a terminal; a fault is what somebody has to see to. Alerts that fire are told and are no fault. */
export function renderStatus(status: StackStatus): RenderedStatus {
  const parts = [roleLines(status), targetLines(status), ingestLines(status), blockLines(status), alertLines(status)];
  return {
    lines: parts.flatMap(({ lines }) => lines),
    faults: [...parts.flatMap(({ faults }) => faults), ...status.faults],
  };
}

function roleLines({ roles }: StackStatus): RenderedStatus {
  const shown = roles.filter(({ state }) => state !== "absent");
  const lines = shown.map((role) => {
    const version = role.state === "ready" ? versionOf(role) : role.detail;
    return `  ${role.name.padEnd(13)} ${role.state.padEnd(10)} ${role.url}  ${version}`;
  });
  const absent = roles.filter(({ state }) => state === "absent");
  if (absent.length > 0) {
    const names = absent.map(({ name, url }) => `${name} (${url})`).join(", ");
    lines.push(`  nothing listens for ${names}`);
  }
  const [main] = roles;
  const faults = roles
    .filter(({ state }, i) => state === "broken" || state === "not ready" || (i === 0 && state === "absent"))
    .map(({ name, url, detail }) => `${name} at ${url}: ${detail}`);
  return { lines: [main === undefined ? "Roles" : `Roles (asked at ${main.url})`, ...lines], faults };
}

function targetLines({ targets }: StackStatus): RenderedStatus {
  const down = targets.filter(({ health }) => health === "down");
  const lines = [`Targets: ${targets.filter(({ health }) => health === "up").length} up, ${down.length} down`];
  for (const { scrapePool, scrapeUrl, lastError } of down.slice(0, MAX_LISTED))
    lines.push(`  down: ${scrapePool} ${scrapeUrl}: ${lastError}`);
  if (down.length > MAX_LISTED) lines.push(`  and ${down.length - MAX_LISTED} more`);
  return { lines, faults: down.length === 0 ? [] : [`${down.length} targets are down`] };
}

function ingestLines({ roles }: StackStatus): RenderedStatus {
  const lag = largest(samplesOf(roles, "monotreme_ingester_partition_lag_seconds"));
  const waiting = largest(samplesOf(roles, "monotreme_ingester_backlog_messages"));
  const deadLetters = sum(samplesOf(roles, "monotreme_bus_dead_letters_total"));
  const disconnected = samplesOf(roles, "monotreme_bus_connected").filter((value) => value === 0).length;
  const refused = sum(samplesOf(roles, "monotreme_bus_publish_failures_total"));
  return {
    lines: [
      `Ingest: oldest sample that waits ${seconds(lag)}, ${waiting} messages in the stream, ${deadLetters} dead letters, ` +
        `${refused} batches refused since the start`,
    ],
    faults: [
      ...(lag > MAX_LAG_SECONDS ? [`samples are stored ${seconds(lag)} late`] : []),
      ...(deadLetters > 0 ? [`${deadLetters} messages could not be read (dead letters)`] : []),
      ...(disconnected > 0 ? [`${disconnected} processes have lost NATS`] : []),
    ],
  };
}

function blockLines({ roles }: StackStatus): RenderedStatus {
  const due = sum(samplesOf(roles, "monotreme_compactor_backlog_blocks"));
  const age = largest(samplesOf(roles, "monotreme_compactor_backlog_age_seconds"));
  const setAside = largest(samplesOf(roles, "monotreme_compactor_set_aside_blocks"));
  return {
    lines: [`Blocks: ${due} due${age > 0 ? ` (the oldest for ${seconds(age)})` : ""}, ${setAside} set aside`],
    faults: [
      ...(age > MAX_BACKLOG_AGE_SECONDS ? [`blocks are due for ${seconds(age)}`] : []),
      ...(setAside > 0 ? [`${setAside} blocks were set aside (see blocks list)`] : []),
    ],
  };
}

function alertLines({ alerts, roles }: StackStatus): RenderedStatus {
  const firing = alerts.filter(({ state }) => state === "firing");
  const failed = sum(samplesOf(roles, "alertmanager_notifications_failed_total"));
  const lines = [`Alerts: ${firing.length} firing, ${alerts.length - firing.length} pending`];
  for (const { labels, activeAt } of firing.slice(0, MAX_LISTED)) {
    const { alertname = "", ...others } = labels;
    const shown = Object.entries(others).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    lines.push(`  ${alertname} {${shown.join(", ")}} since ${activeAt}`);
  }
  if (firing.length > MAX_LISTED) lines.push(`  and ${firing.length - MAX_LISTED} more`);
  lines.push(`Notifications: ${failed} failed since the start`);
  return { lines, faults: failed === 0 ? [] : [`${failed} notifications failed`] };
}

function largest(values: readonly number[]): number {
  return values.reduce((max, value) => Math.max(max, value), 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function seconds(value: number): string {
  if (value < 120) return `${value.toFixed(1)} s`;
  return value < 7200 ? `${Math.round(value / 60)} min` : `${(value / 3600).toFixed(1)} h`;
}
