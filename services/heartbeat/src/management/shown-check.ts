import type { LoadedCheck } from "../checks/check-store.ts";
import { expectedMs, isStarted, shownStatus } from "../checks/deadline.ts";
import { uniqueKeyOf } from "../checks/unique-key.ts";
import type { Project } from "../projects/project.ts";
import { shownSecond } from "./shown-time.ts";

export interface ShowOptions {
  readonly project: Project;
  readonly isReadonly: boolean;
  /** Of the API: 1 to 3. */
  readonly version: number;
  readonly externalUrl: string;
  readonly nowMs: number;
}

/** A check as the API shows it. */
export function shownCheck(check: LoadedCheck, options: ShowOptions): object {
  const { definition } = check;
  return {
    name: definition.name,
    slug: definition.slug,
    tags: definition.tags.join(" "),
    desc: definition.description,
    grace: Math.floor(definition.graceMs / 1000),
    ...stateOf(check, options),
    manual_resume: definition.manualResume,
    methods: definition.postOnly ? "POST" : "",
    ...filtersOf(check),
    badge_url: `${options.externalUrl}/b/2/${check.badgeKey}.svg`,
    ...durationOf(check),
    ...(options.isReadonly ? { unique_key: uniqueKeyOf(definition.id) } : addressesOf(check, options)),
    ...scheduleOf(check),
  };
}

function stateOf({ state, timing }: LoadedCheck, { version, nowMs }: ShowOptions): object {
  const status = shownStatus(state, timing, nowMs);
  // Version 1 has no other way to say so.
  const showsStarted = version === 1 && status !== "down" && isStarted(state, timing, nowMs);
  const nextPingMs = expectedMs(state, timing);
  return {
    n_pings: state.pingCount,
    status: showsStarted ? "started" : status,
    started: state.lastStartMs !== undefined,
    last_ping: state.lastPingMs === undefined ? null : shownSecond(state.lastPingMs),
    next_ping: nextPingMs === undefined ? null : shownSecond(nextPingMs),
  };
}

function filtersOf({ definition: { filters } }: LoadedCheck): object {
  const successKeywords = filters.successKeywords.join(",");
  const failureKeywords = filters.failureKeywords.join(",");
  return {
    subject: filters.subject ? successKeywords : "",
    subject_fail: filters.subject ? failureKeywords : "",
    start_kw: filters.startKeywords.join(","),
    success_kw: successKeywords,
    failure_kw: failureKeywords,
    filter_subject: filters.subject,
    filter_body: filters.body,
    filter_http_body: filters.httpBody,
    filter_default_fail: filters.defaultFail,
  };
}

function durationOf({ state: { lastDurationMs = 0 } }: LoadedCheck): object {
  return lastDurationMs > 0 ? { last_duration: Math.floor(lastDurationMs / 1000) } : {};
}

function addressesOf({ definition }: LoadedCheck, { externalUrl, version, project }: ShowOptions): object {
  const apiUrl = `${externalUrl}/api/v${version}/checks/${definition.id}`;
  const channelIds = project.channels.filter(({ name }) => definition.channels.includes(name)).map(({ id }) => id);
  return {
    uuid: definition.id,
    ping_url: `${externalUrl}/ping/${definition.id}`,
    update_url: apiUrl,
    pause_url: `${apiUrl}/pause`,
    resume_url: `${apiUrl}/resume`,
    channels: channelIds.toSorted().join(","),
  };
}

function scheduleOf({ definition: { schedule } }: LoadedCheck): object {
  if (schedule.kind === "simple") return { timeout: Math.floor(schedule.periodMs / 1000) };
  return { schedule: schedule.expression, tz: schedule.timeZone };
}
