import { messageOf } from "@monotreme/errors";
import type { CheckDefinition, CheckSchedule, PingFilters } from "../checks/check.ts";
import { CHECK_LIMITS, isReadable, isSlug, keywordsOf, scheduleOf, slugOf, tagsOf } from "../checks/check-rules.ts";
import { timingOf } from "../checks/timing-of.ts";
import type { Project } from "../projects/project.ts";
import { ApiFault } from "./api-fault.ts";
import { channelNamesOf } from "./channel-names.ts";
import type { JsonObject } from "./json-body.ts";

const UNIQUE_FIELDS = ["name", "slug", "tags", "timeout", "grace"] as const;
export type UniqueField = (typeof UNIQUE_FIELDS)[number];

const MAX_SECONDS = CHECK_LIMITS.maxSpanMs / 1000;
const MIN_SECONDS = CHECK_LIMITS.minSpanMs / 1000;
const MAX_CHANNELS_LENGTH = 10_000;

/** What a request says of a check; undefined where it says nothing. */
export interface CheckRequest {
  readonly name: string | undefined;
  readonly slug: string | undefined;
  readonly tags: string | undefined;
  readonly desc: string | undefined;
  readonly timeout: number | undefined;
  readonly grace: number | undefined;
  readonly schedule: string | undefined;
  readonly tz: string | undefined;
  readonly manualResume: boolean | undefined;
  readonly methods: string | undefined;
  readonly channels: string | undefined;
  readonly filters: Partial<PingFilters>;
  readonly unique: readonly UniqueField[];
}

/** Reads the fields of a request; throws {@link ApiFault} for the first that is not as it should be. */
export function checkRequestOf(body: JsonObject): CheckRequest {
  const read = new FieldReader(body);
  const name = read.text("name", CHECK_LIMITS.nameLength);
  const slug = read.text("slug", CHECK_LIMITS.slugLength);
  if (slug !== undefined && !isSlug(slug)) throw invalid("slug does not match pattern");
  const methods = read.text("methods", 10);
  if (methods !== undefined && methods !== "" && methods !== "POST") throw invalid("methods has unexpected value");
  const request = {
    name,
    slug,
    tags: read.text("tags", CHECK_LIMITS.tagsLength),
    desc: read.text("desc", CHECK_LIMITS.descriptionLength),
    timeout: read.seconds("timeout"),
    grace: read.seconds("grace"),
    schedule: read.text("schedule", CHECK_LIMITS.scheduleLength),
    tz: read.text("tz", 100),
    manualResume: read.flag("manual_resume"),
    methods,
    channels: read.text("channels", MAX_CHANNELS_LENGTH),
    filters: filtersOf(read),
    unique: read.choices("unique", UNIQUE_FIELDS),
  };
  checkTimes(request);
  return request;
}

function checkTimes({ schedule, tz }: Pick<CheckRequest, "schedule" | "tz">): void {
  if (tz !== undefined) {
    try {
      timingOf({ schedule: { kind: "cron", expression: "* * * * *", timeZone: tz }, graceMs: 0 });
    } catch {
      throw invalid("tz is not a valid timezone");
    }
  }
  if (schedule === undefined) return;
  try {
    scheduleOf(schedule, tz ?? "UTC");
  } catch (error) {
    throw invalid(`schedule is not a valid cron or OnCalendar expression (${messageOf(error)})`);
  }
}

/** `subject` and `subject_fail` are what `success_kw` and `failure_kw` were called when only subjects were looked at. */
function filtersOf(read: FieldReader): Partial<PingFilters> {
  const subject = read.text("subject", CHECK_LIMITS.keywordsLength);
  const subjectFail = read.text("subject_fail", CHECK_LIMITS.keywordsLength);
  const isOldStyle = subject !== undefined || subjectFail !== undefined;
  const given = {
    successKeywords: words(read.text("success_kw", CHECK_LIMITS.keywordsLength) ?? subject),
    failureKeywords: words(read.text("failure_kw", CHECK_LIMITS.keywordsLength) ?? subjectFail),
    startKeywords: words(read.text("start_kw", CHECK_LIMITS.keywordsLength)),
    subject: read.flag("filter_subject") ?? (isOldStyle ? `${subject ?? ""}${subjectFail ?? ""}` !== "" : undefined),
    body: read.flag("filter_body"),
    httpBody: read.flag("filter_http_body"),
    defaultFail: read.flag("filter_default_fail"),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function words(text: string | undefined): readonly string[] | undefined {
  return text === undefined ? undefined : keywordsOf(text);
}

/** The definition with what the request says of it. */
export function changedDefinition(
  definition: CheckDefinition,
  request: CheckRequest,
  project: Project,
  version: number,
): CheckDefinition {
  const { name = definition.name } = request;
  // Before version 3 nobody could choose a slug.
  const followsName = version < 3 && request.name !== undefined;
  return {
    ...definition,
    name,
    slug: request.slug ?? (followsName ? slugOf(name) : definition.slug),
    tags: request.tags === undefined ? definition.tags : tagsOf(request.tags),
    description: request.desc ?? definition.description,
    schedule: changedSchedule(definition.schedule, request),
    graceMs: request.grace === undefined ? definition.graceMs : request.grace * 1000,
    manualResume: request.manualResume ?? definition.manualResume,
    postOnly: request.methods === undefined ? definition.postOnly : request.methods === "POST",
    filters: { ...definition.filters, ...request.filters },
    channels: request.channels === undefined ? definition.channels : channelNamesOf(request.channels, project),
  };
}

/** A schedule wins over a period. */
function changedSchedule(known: CheckSchedule, { schedule, tz, timeout }: CheckRequest): CheckSchedule {
  const knownZone = known.kind === "simple" ? "UTC" : known.timeZone;
  if (schedule !== undefined) return scheduleOf(schedule, tz ?? knownZone);
  if (timeout !== undefined) return { kind: "simple", periodMs: timeout * 1000 };
  return known.kind === "simple" || tz === undefined ? known : { ...known, timeZone: tz };
}

/** Whether a check has the values that the request names as unique. */
export function matchesUnique(
  { name, slug, tags, schedule, graceMs }: CheckDefinition,
  request: CheckRequest,
): boolean {
  const has: Readonly<Record<UniqueField, () => boolean>> = {
    name: () => name === request.name,
    slug: () => slug === request.slug,
    tags: () => request.tags !== undefined && tags.join(" ") === tagsOf(request.tags).join(" "),
    timeout: () => schedule.kind === "simple" && schedule.periodMs === (request.timeout ?? Number.NaN) * 1000,
    grace: () => graceMs === (request.grace ?? Number.NaN) * 1000,
  };
  return request.unique.every((field) => has[field]());
}

function invalid(text: string): ApiFault {
  return new ApiFault(400, `json validation error: ${text}`);
}

class FieldReader {
  readonly #body: JsonObject;

  constructor(body: JsonObject) {
    this.#body = body;
  }

  text(field: string, limit: number): string | undefined {
    const value = this.#body[field];
    if (value === undefined) return undefined;
    if (typeof value !== "string") throw invalid(`${field} is not a string`);
    if (Array.from(value).length > limit) throw invalid(`${field} is too long`);
    if (!isReadable(value)) throw invalid(`${field} has unexpected value`);
    return value;
  }

  seconds(field: string): number | undefined {
    const value = this.#body[field];
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !Number.isInteger(value)) throw invalid(`${field} is not a number`);
    if (value < MIN_SECONDS) throw invalid(`${field} is too small`);
    if (value > MAX_SECONDS) throw invalid(`${field} is too large`);
    return value;
  }

  flag(field: string): boolean | undefined {
    const value = this.#body[field];
    if (value !== undefined && typeof value !== "boolean") throw invalid(`${field} is not a boolean`);
    return value;
  }

  choices<const T extends string>(field: string, known: readonly T[]): readonly T[] {
    const value = this.#body[field];
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw invalid(`${field} is not an array`);
    return value.map((item: unknown) => {
      const choice = known.find((one) => one === item);
      if (choice === undefined) throw invalid(`an item in '${field}' has unexpected value`);
      return choice;
    });
  }
}
