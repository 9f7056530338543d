import type { AlertEvent } from "@monotreme/contracts";
import type { CheckDefinition } from "../checks/check.ts";
import type { LoadedCheck } from "../checks/check-store.ts";
import { uniqueKeyOf } from "../checks/unique-key.ts";

/** A check that is down, as its alert tells it. */
export interface DownCheck {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAtMs: number;
}

/** The name of all alerts of checks that are down, whether they were late or failed. */
export const ALERT_NAME = "HeartbeatDown";

const DEFAULT_SEVERITY = "critical";
/** What tags cannot set. */
const OWN_LABELS: ReadonlySet<string> = new Set([
  "alertname",
  "check",
  "slug",
  "project",
  "unique_key",
  "tags",
  "tenant",
]);
const LABEL_TAG = /^([a-zA-Z_][a-zA-Z0-9_]*)[=:](.+)$/s;

/**
 * The labels of a check's alert: its name, slug, project and tags, its `unique_key` (as the metrics have it: no one can
 * ping with it), and one label for each tag of the form `name=value` or `name:value`, `severity` among them.
 */
export function alertLabels(definition: CheckDefinition, project: string): Record<string, string> {
  const tagLabels: Record<string, string> = { severity: DEFAULT_SEVERITY };
  for (const tag of definition.tags) {
    const [, name = "", value = ""] = LABEL_TAG.exec(tag) ?? [];
    if (name !== "" && !name.startsWith("__") && !OWN_LABELS.has(name)) tagLabels[name] = value;
  }
  return withoutEmpty({
    ...tagLabels,
    alertname: ALERT_NAME,
    check: nameOf(definition),
    slug: definition.slug,
    project,
    unique_key: uniqueKeyOf(definition.id),
    tags: definition.tags.join(" "),
  });
}

/** What people are told: why, since when, and the end of what the job said. */
export function alertAnnotations(
  { definition, state }: LoadedCheck,
  reason: "" | "fail" | "timeout",
  lastWords: string | undefined,
): Record<string, string> {
  const lastPing = state.lastPingMs === undefined ? "" : new Date(state.lastPingMs).toISOString();
  return withoutEmpty({
    summary: `${nameOf(definition)} ${SUMMARIES[reason]}`,
    description: definition.description,
    last_ping: lastPing,
    last_duration: state.lastDurationMs === undefined ? "" : `${Math.round(state.lastDurationMs / 1000)}s`,
    output: lastWords ?? "",
  });
}

const SUMMARIES = {
  "": "is down",
  fail: "has failed",
  timeout: "did not report in time",
} as const;

export function nameOf({ name, slug }: CheckDefinition): string {
  if (name !== "") return name;
  return slug === "" ? "unnamed" : slug;
}

export function firingEvent(down: DownCheck, endsAtMs: number, generatorURL: string): AlertEvent {
  return eventOf(down, down.startsAtMs, endsAtMs, generatorURL);
}

export function resolvedEvent(down: DownCheck, atMs: number, generatorURL: string): AlertEvent {
  return eventOf(down, Math.min(down.startsAtMs, atMs), atMs, generatorURL);
}

function eventOf(down: DownCheck, startsAtMs: number, endsAtMs: number, generatorURL: string): AlertEvent {
  return {
    labels: down.labels,
    annotations: down.annotations,
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: new Date(endsAtMs).toISOString(),
    generatorURL,
  };
}

function withoutEmpty(entries: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== ""));
}
