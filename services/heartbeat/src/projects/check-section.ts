import { messageOf } from "@monotreme/errors";
import {
  boolean,
  mapping,
  oneOf,
  optional,
  type Schema,
  text,
  type ValueOf,
  withDefault,
} from "@monotreme/prometheus-config";
import type { CheckDefinition, CheckSchedule } from "../checks/check.ts";
import {
  CHECK_LIMITS,
  DEFAULT_GRACE_MS,
  DEFAULT_PERIOD_MS,
  isReadable,
  isSlug,
  keywordsOf,
  scheduleOf,
  slugOf,
  tagsOf,
} from "../checks/check-rules.ts";
import { checkSpan, uuid, words } from "./scalars.ts";

const keywords = words(keywordsOf, "phrases between commas, or a list of them");

const checkFields = {
  name: withDefault(text, ""),
  slug: optional(text),
  uuid: optional(uuid),
  tags: withDefault(words(tagsOf, "tags between spaces, or a list of them"), []),
  desc: withDefault(text, ""),
  timeout: optional(checkSpan),
  schedule: optional(text),
  tz: optional(text),
  grace: withDefault(checkSpan, DEFAULT_GRACE_MS),
  manual_resume: withDefault(boolean, false),
  methods: withDefault(oneOf(["", "POST"]), ""),
  start_kw: withDefault(keywords, []),
  success_kw: withDefault(keywords, []),
  failure_kw: withDefault(keywords, []),
  filter_subject: withDefault(boolean, false),
  filter_body: withDefault(boolean, false),
  filter_http_body: withDefault(boolean, false),
  filter_default_fail: withDefault(boolean, false),
  channels: optional(words((list) => (list === "*" ? ["*"] : keywordsOf(list)), 'names of channels, or "*" for all')),
};

/** A check as the file says it. */
export type CheckSection = ValueOf<typeof checkFields>;

export const checkSection: Schema<CheckSection> = mapping({
  name: "a check",
  fields: checkFields,
  check: (check, at) => {
    const tooLong = (field: keyof typeof checkFields, length: number, limit: number): void => {
      if (length > limit) at(field).fault(`expected at most ${limit} characters`);
    };
    tooLong("name", check.name.length, CHECK_LIMITS.nameLength);
    tooLong("desc", check.desc.length, CHECK_LIMITS.descriptionLength);
    tooLong("tags", check.tags.join(" ").length, CHECK_LIMITS.tagsLength);
    for (const field of ["start_kw", "success_kw", "failure_kw"] as const) {
      tooLong(field, check[field].join(",").length, CHECK_LIMITS.keywordsLength);
    }
    for (const field of ["name", "desc"] as const) {
      if (!isReadable(check[field])) at(field).fault("expected no control characters");
    }
    if (!isReadable(check.tags.join(" "))) at("tags").fault("expected no control characters");
    if (check.tags.some((tag) => /\s/.test(tag))) at("tags").fault("a tag has no spaces");
    if (check.slug !== undefined && !isSlug(check.slug)) {
      at("slug").fault(`expected at most ${CHECK_LIMITS.slugLength} of a-z, 0-9, - and _`);
    }
    if (slugIn(check) === "" && check.uuid === undefined) at().fault("a check needs a name, a slug or a uuid");
    if (check.schedule !== undefined && check.timeout !== undefined) {
      at("schedule").fault("at most one of timeout & schedule must be configured");
    }
    if (check.tz !== undefined && check.schedule === undefined) at("tz").fault("tz needs a schedule");
    tooLong("schedule", check.schedule?.length ?? 0, CHECK_LIMITS.scheduleLength);
    try {
      scheduleIn(check);
    } catch (error) {
      at("schedule").fault(messageOf(error));
    }
  },
});

/** The slug that is written down, or that of the name. */
export function slugIn({ slug, name }: CheckSection): string {
  return slug ?? slugOf(name);
}

function scheduleIn({ schedule, tz, timeout }: CheckSection): CheckSchedule {
  if (schedule === undefined) return { kind: "simple", periodMs: timeout ?? DEFAULT_PERIOD_MS };
  return scheduleOf(schedule, tz ?? "UTC");
}

/** A check of the file; one without a UUID gets that of its project and slug. */
export type FileCheck = Omit<CheckDefinition, "id"> & { readonly id: string | undefined };

/** The check of a project. */
export function definitionFrom(section: CheckSection, project: string, channelNames: readonly string[]): FileCheck {
  const channels = section.channels ?? ["*"];
  return {
    id: section.uuid,
    project,
    name: section.name,
    slug: slugIn(section),
    tags: section.tags,
    description: section.desc,
    schedule: scheduleIn(section),
    graceMs: section.grace,
    manualResume: section.manual_resume,
    postOnly: section.methods === "POST",
    filters: {
      startKeywords: section.start_kw,
      successKeywords: section.success_kw,
      failureKeywords: section.failure_kw,
      subject: section.filter_subject,
      body: section.filter_body,
      httpBody: section.filter_http_body,
      defaultFail: section.filter_default_fail,
    },
    channels: channels.includes("*") ? channelNames : channels,
  };
}
