import {
  boolean,
  filePath,
  integer,
  mapping,
  oneOf,
  optional,
  record,
  required,
  type Schema,
  Secret,
  secret,
  text,
  type ValueOf,
  withDefault,
} from "@monotreme/prometheus-config";
import { keywordsOf } from "../checks/check-rules.ts";
import type { ChannelConfig, WebhookRequest } from "./channel-config.ts";
import { nameUuid } from "./name-uuid.ts";
import { httpUrl, port, repeatSpan, words } from "./scalars.ts";

const requestFields = {
  method: withDefault(oneOf(["GET", "POST", "PUT"]), "POST"),
  url: required(httpUrl),
  headers: withDefault(record(secret, "header values"), {}),
  body: withDefault(text, ""),
};
type RequestSection = ValueOf<typeof requestFields>;

const channelFields = {
  name: required(text),
  kind: required(oneOf(["ntfy", "email", "webhook"])),
  send_down: withDefault(boolean, true),
  send_up: withDefault(boolean, true),
  repeat: optional(repeatSpan),
  url: optional(httpUrl),
  token: optional(secret),
  token_file: optional(filePath),
  username: optional(text),
  password: optional(secret),
  password_file: optional(filePath),
  priority_down: optional(integer),
  priority_up: optional(integer),
  to: optional(words(keywordsOf, "addresses between commas, or a list of them")),
  from: optional(text),
  smarthost: optional(mapping({ name: "smarthost", fields: { host: required(text), port: withDefault(port, 587) } })),
  require_tls: optional(boolean),
  down: optional(mapping({ name: "a request", fields: requestFields })),
  up: optional(mapping({ name: "a request", fields: requestFields })),
};
type ChannelFields = typeof channelFields;
export type ChannelSection = ValueOf<ChannelFields>;

/** What only some kinds of channel have. */
const FIELDS_OF: Readonly<Record<ChannelSection["kind"], readonly (keyof ChannelFields)[]>> = {
  ntfy: ["url", "token", "token_file", "username", "password", "password_file", "priority_down", "priority_up"],
  email: ["to", "from", "smarthost", "username", "password", "password_file", "require_tls"],
  webhook: ["down", "up"],
};
const SPECIAL_FIELDS = [...new Set(Object.values(FIELDS_OF).flat())];
const NEEDS: Readonly<Record<ChannelSection["kind"], readonly (keyof ChannelFields)[]>> = {
  ntfy: ["url"],
  email: ["to", "from", "smarthost"],
  webhook: [],
};

export const channelSection: Schema<ChannelSection> = mapping({
  name: "a channel",
  fields: channelFields,
  check: (channel, at) => {
    const { kind } = channel;
    for (const field of SPECIAL_FIELDS) {
      if (channel[field] !== undefined && !FIELDS_OF[kind].includes(field)) {
        at(field).fault(`a channel of kind ${kind} has no field ${field}`);
      }
    }
    for (const field of NEEDS[kind]) {
      if (channel[field] === undefined) at().fault(`a channel of kind ${kind} needs the field ${field}`);
    }
    if (channel.name === "" || /[,*]/.test(channel.name)) at("name").fault("expected a name without commas and stars");
    if (kind === "webhook" && channel.down === undefined && channel.up === undefined) {
      at().fault("a channel of kind webhook needs down, up or both");
    }
    if (channel.token !== undefined && channel.token_file !== undefined) {
      at("token_file").fault("at most one of token & token_file must be configured");
    }
    if (channel.password !== undefined && channel.password_file !== undefined) {
      at("password_file").fault("at most one of password & password_file must be configured");
    }
    for (const field of ["priority_down", "priority_up"] as const) {
      const priority = channel[field];
      if (priority !== undefined && (priority < 1 || priority > 5)) at(field).fault("expected a priority from 1 to 5");
    }
  },
});

/** The channel of a project. */
export function channelFrom(section: ChannelSection, project: string): ChannelConfig {
  const common = {
    id: nameUuid("channel", project, section.name),
    name: section.name,
    isToldDown: section.send_down,
    isToldUp: section.send_up,
    repeatMs: section.repeat,
  };
  const login = {
    username: section.username ?? "",
    password: section.password,
    passwordFile: section.password_file,
  };
  switch (section.kind) {
    case "ntfy":
      return {
        ...common,
        ...login,
        kind: "ntfy",
        url: new Secret(section.url ?? ""),
        token: section.token,
        tokenFile: section.token_file,
        priorityDown: section.priority_down ?? 4,
        priorityUp: section.priority_up ?? 3,
      };
    case "email":
      return {
        ...common,
        ...login,
        kind: "email",
        to: section.to ?? [],
        from: section.from ?? "",
        smarthost: section.smarthost ?? { host: "", port: 0 },
        isTlsRequired: section.require_tls ?? true,
      };
    case "webhook":
      return { ...common, kind: "webhook", down: requestFrom(section.down), up: requestFrom(section.up) };
  }
}

function requestFrom(section: RequestSection | undefined): WebhookRequest | undefined {
  return section === undefined ? undefined : { ...section, url: new Secret(section.url) };
}
