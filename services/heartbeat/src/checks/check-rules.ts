import type { CheckSchedule, PingFilters } from "./check.ts";
import { timingOf } from "./timing-of.ts";

/** Bounds of what a person says of a check, as Healthchecks has them. */
export const CHECK_LIMITS = {
  minSpanMs: 60_000,
  maxSpanMs: 365 * 86_400_000,
  nameLength: 100,
  slugLength: 100,
  tagsLength: 500,
  scheduleLength: 100,
  keywordsLength: 200,
  descriptionLength: 10_000,
} as const;

export const DEFAULT_PERIOD_MS = 86_400_000;
export const DEFAULT_GRACE_MS = 3_600_000;

export const NO_FILTERS: PingFilters = {
  startKeywords: [],
  successKeywords: [],
  failureKeywords: [],
  subject: false,
  body: false,
  httpBody: false,
  defaultFail: false,
};

export function isSpan(ms: number): boolean {
  return ms >= CHECK_LIMITS.minSpanMs && ms <= CHECK_LIMITS.maxSpanMs;
}

/** Whether no character breaks lists, labels or terminals where the text is shown: no controls, no halves of pairs. */
export function isReadable(text: string): boolean {
  return !/[^\P{Cc}\n\r\t]|\p{Cs}/u.test(text);
}

/** Whether the text can stand in an address; an empty one says that there is no slug. */
export function isSlug(text: string): boolean {
  return text.length <= CHECK_LIMITS.slugLength && /^[a-z0-9_-]*$/.test(text);
}

/** The name in lower case, its accents dropped, what is neither letter nor digit made a dash. */
export function slugOf(name: string): string {
  return name
    .normalize("NFKD")
    .replaceAll(/[^\x20-\x7e\s]/g, "")
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, "")
    .replaceAll(/[-\s]+/g, "-")
    .replaceAll(/^[-_]+|[-_]+$/g, "")
    .slice(0, CHECK_LIMITS.slugLength);
}

/** Words between spaces. */
export function tagsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((tag) => tag !== "");
}

/** Phrases between commas. */
export function keywordsOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

/** One line of five fields is cron, anything else a calendar; throws `ScheduleError` for what is neither. */
export function scheduleOf(expression: string, timeZone: string): CheckSchedule {
  const isCron = !expression.trim().includes("\n") && expression.trim().split(/\s+/).length === 5;
  const schedule: CheckSchedule = { kind: isCron ? "cron" : "oncalendar", expression, timeZone };
  timingOf({ schedule, graceMs: 0 });
  return schedule;
}
