import type { NotificationAlert, NotificationData } from "../notification.ts";

/** ntfy's scale: 1 is hidden, 2 makes no sound, 3 sounds, 4 vibrates long, 5 goes on until someone looks. */
export type NtfyPriority = 1 | 2 | 3 | 4 | 5;

const NAMES: Readonly<Record<string, NtfyPriority>> = {
  min: 1,
  low: 2,
  default: 3,
  high: 4,
  max: 5,
  urgent: 5,
  "1": 1,
  "2": 2,
  "3": 3,
  "4": 4,
  "5": 5,
};

/** Values of the label `severity`. A warning sounds as an ordinary message does; what only informs makes no sound. */
const SEVERITIES = new Map<string, NtfyPriority>([
  ...["critical", "crit", "page", "emergency", "emerg", "fatal", "disaster", "urgent", "p1"].map(level(5)),
  ...["error", "err", "high", "major", "alert", "p2"].map(level(4)),
  ...["warning", "warn", "average", "medium", "minor", "p3"].map(level(3)),
  ...["info", "information", "informational", "notice", "low", "debug", "none", "p4", "p5"].map(level(2)),
]);
const UNKNOWN_SEVERITY: NtfyPriority = 3;
const RESOLVED: NtfyPriority = 2;

/** A label or annotation of an alert by this name sets its priority; the annotation goes before the label. */
const OVERRIDE = "ntfy_priority";

function level(priority: NtfyPriority): (name: string) => [string, NtfyPriority] {
  return (name) => [name, priority];
}

/** Reads a priority as number or name; undefined for anything else. */
export function parsePriority(text: string): NtfyPriority | undefined {
  const name = text.trim().toLowerCase();
  return Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
}

/** The highest of the firing alerts; 2 where all are resolved. */
export function priorityOf(data: NotificationData): NtfyPriority {
  let highest: NtfyPriority | undefined;
  for (const alert of data.alerts) {
    if (alert.endsAt !== null) continue;
    const priority = priorityOfAlert(alert);
    if (highest === undefined || priority > highest) highest = priority;
  }
  return highest ?? RESOLVED;
}

function priorityOfAlert(alert: NotificationAlert): NtfyPriority {
  for (const value of [alert.annotations[OVERRIDE], alert.labels[OVERRIDE]]) {
    const priority = value === undefined ? undefined : parsePriority(value);
    if (priority !== undefined) return priority;
  }
  return SEVERITIES.get((alert.labels["severity"] ?? "").trim().toLowerCase()) ?? UNKNOWN_SEVERITY;
}

/** Short codes that ntfy shows as an emoji before the title. */
export function tagsOf(data: NotificationData, priority: NtfyPriority): string[] {
  if (data.status === "resolved") return ["white_check_mark"];
  if (priority === 5) return ["rotating_light"];
  if (priority === 4) return ["red_circle"];
  return [priority === 3 ? "warning" : "information_source"];
}
