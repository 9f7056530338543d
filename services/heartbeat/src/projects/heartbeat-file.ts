import {
  filePath,
  list,
  mapping,
  optional,
  required,
  type Schema,
  type Secret,
  secret,
  text,
  type ValueOf,
  withDefault,
} from "@monotreme/prometheus-config";
import { channelFrom, channelSection } from "./channel-section.ts";
import { checkSection, definitionFrom, type FileCheck } from "./check-section.ts";
import type { ChannelConfig } from "./channel-config.ts";
import { nameUuid } from "./name-uuid.ts";
import { uuid } from "./scalars.ts";

/** Where a key stands. */
export interface KeySource {
  readonly key: Secret | undefined;
  readonly file: string | undefined;
}

/** A project of the file, its keys not read yet. */
export interface FileProject {
  readonly id: string;
  readonly name: string;
  readonly pingKey: KeySource;
  readonly apiKey: KeySource;
  readonly readonlyApiKey: KeySource;
  readonly channels: readonly ChannelConfig[];
  readonly checks: readonly FileCheck[];
}

const MIN_KEY_LENGTH = 8;

const projectFields = {
  name: required(text),
  uuid: optional(uuid),
  ping_key: optional(secret),
  ping_key_file: optional(filePath),
  api_key: optional(secret),
  api_key_file: optional(filePath),
  api_key_readonly: optional(secret),
  api_key_readonly_file: optional(filePath),
  channels: withDefault(list(channelSection, "channels"), []),
  checks: withDefault(list(checkSection, "checks"), []),
};
type ProjectSection = ValueOf<typeof projectFields>;

const KEY_FIELDS = ["ping_key", "api_key", "api_key_readonly"] as const;

const projectSection: Schema<ProjectSection> = mapping({
  name: "a project",
  fields: projectFields,
  check: (project, at) => {
    if (project.name === "") at("name").fault("a project needs a name");
    for (const field of KEY_FIELDS) {
      if (project[field] !== undefined && project[`${field}_file`] !== undefined) {
        at(`${field}_file`).fault(`at most one of ${field} & ${field}_file must be configured`);
      }
      const problem = keyProblem(project[field]?.reveal(), field);
      if (problem !== undefined) at(field).fault(problem);
    }
    for (const [name, count] of countOf(project.channels.map((channel) => channel.name))) {
      if (count > 1) at("channels").fault(`${count} channels have the name ${JSON.stringify(name)}`);
    }
    const names = new Set(["*", ...project.channels.map(({ name }) => name)]);
    for (const name of new Set(project.checks.flatMap((check) => check.channels ?? []))) {
      if (!names.has(name)) at("checks").fault(`there is no channel ${JSON.stringify(name)} in the project`);
    }
  },
});

/** What is wrong with a key, without the key. */
export function keyProblem(key: string | undefined, field: string): string | undefined {
  if (key === undefined) return undefined;
  if (key.length < MIN_KEY_LENGTH) return `${field} is shorter than ${MIN_KEY_LENGTH} characters`;
  if (/^[\x21-\x7e]+$/.test(key) && !(field === "ping_key" && /[/?#%]/.test(key))) return undefined;
  return `${field} has characters that cannot stand in an address`;
}

/** `heartbeat.yml`: projects, their keys, channels and checks. */
export const heartbeatFile: Schema<readonly FileProject[]> = {
  decode: (node) => {
    const faultsBefore = node.document.faultCount;
    const sections = fileSection.decode(node)?.projects;
    if (sections === undefined) return undefined;
    const projects = sections.map(projectFrom);
    const checkUnique = (what: string, values: readonly string[]): void => {
      for (const [value, count] of countOf(values)) {
        if (count > 1) node.fault(`${count} ${what} ${JSON.stringify(value)}`);
      }
    };
    checkUnique(
      "projects have the name",
      projects.map(({ name }) => name),
    );
    checkUnique(
      "projects have the uuid",
      projects.map(({ id }) => id),
    );
    for (const { name, checks } of projects) {
      const slugs = checks.map(({ slug }) => slug).filter((slug) => slug !== "");
      checkUnique(`checks of the project ${JSON.stringify(name)} have the slug`, slugs);
    }
    checkUnique(
      "checks have the uuid",
      projects.flatMap(({ checks }) => checks.flatMap(({ id }) => id ?? [])),
    );
    return node.document.faultCount > faultsBefore ? undefined : projects;
  },
  render: () => undefined,
};

const fileSection = mapping({
  name: "the heartbeat file",
  fields: { projects: required(list(projectSection, "projects")) },
});

function projectFrom(section: ProjectSection): FileProject {
  const id = section.uuid ?? nameUuid("project", section.name);
  const channels = section.channels.map((channel) => channelFrom(channel, id));
  const names = channels.map(({ name }) => name);
  return {
    id,
    name: section.name,
    pingKey: { key: section.ping_key, file: section.ping_key_file },
    apiKey: { key: section.api_key, file: section.api_key_file },
    readonlyApiKey: { key: section.api_key_readonly, file: section.api_key_readonly_file },
    channels,
    checks: section.checks.map((check) => definitionFrom(check, id, names)),
  };
}

function countOf(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
