import {
  boolean,
  type Fields,
  list,
  type NodeAt,
  oneOf,
  optional,
  record,
  required,
  text,
  withDefault,
  count,
  type ValueOf,
} from "@monotreme/prometheus-config";
import { checkAtMostOne, isGiven } from "../sections/exclusive-fields.ts";
import { optionalPath, optionalSecret, optionalShown, optionalText } from "../sections/field-kinds.ts";
import { httpSection } from "../sections/http-section.ts";
import { goDuration, promDuration, templateUrl } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";

/** What ntfy shows of one message. */
const MAX_ACTIONS = 3;
const PRIORITIES: ReadonlySet<string> = new Set([
  "",
  "1",
  "2",
  "3",
  "4",
  "5",
  "min",
  "low",
  "default",
  "high",
  "max",
  "urgent",
]);

const action = structure({
  name: "ntfy action",
  fields: {
    action: required(oneOf(["view", "http", "broadcast", "copy"])),
    label: required(text),
    url: optionalText,
    method: optionalText,
    headers: withDefault(record(text, "header values", ""), {}),
    body: optionalText,
    intent: optionalText,
    extras: withDefault(record(text, "extras", ""), {}),
    value: optionalText,
    clear: withDefault(boolean, false),
  },
  check: ({ action: kind, url, value }, at) => {
    if ((kind === "view" || kind === "http") && url === "") at().fault(`a ${kind} action needs a url`);
    if (kind === "copy" && value === "") at().fault("a copy action needs a value");
  },
});

const silenceAction = structure({
  name: "silence_action",
  fields: {
    enabled: withDefault(boolean, true),
    durations: withDefault(list(promDuration, "durations"), []),
    mode: withDefault(oneOf(["view", "http"]), "view"),
  },
  names: { durations: "durationsMs" },
  check: ({ durations }, at) => {
    if (durations.length > MAX_ACTIONS)
      at("durations").fault(`at most ${MAX_ACTIONS} durations: ntfy shows no more buttons`);
    if (durations.includes(0)) at("durations").fault("a silence needs a duration above 0");
  },
});

const rateLimit = structure({
  name: "rate_limit",
  fields: { burst: withDefault(count, 60), refill: withDefault(goDuration, 5000) },
  names: { refill: "refillMs" },
  check: ({ burst }, at) => {
    if (burst === 0) at("burst").fault("burst must be above 0");
  },
});

const fields = {
  url: optional(templateUrl),
  url_file: optionalPath,
  topic: optional(text),
  token: optionalSecret,
  token_file: optionalPath,
  username: optional(text),
  password: optionalSecret,
  password_file: optionalPath,
  title: optional(text),
  message: optional(text),
  priority: optional(text),
  tags: optionalShown(list(text, "tags")),
  click: optional(text),
  actions: optionalShown(list(action, "actions")),
  silence_action: optional(silenceAction),
  icon: optional(text),
  attach: optional(text),
  filename: optional(text),
  markdown: optionalShown(boolean),
  delay: optional(text),
  email: optional(text),
  call: optional(text),
  mode: optional(oneOf(["group", "alert"])),
  max_alerts: optionalShown(count),
  update: optionalShown(boolean),
  on_resolve: optional(oneOf(["update", "clear", "delete", "new"])),
  send_resolved: optionalShown(boolean),
  rate_limit: optional(rateLimit),
  timeout: optionalShown(goDuration),
  http_config: optional(httpSection),
} satisfies Fields;

/** What the side file says of one ntfy entry, or of all; undefined leaves it to the defaults. */
export const ntfyOptions = structure({
  name: "the ntfy options",
  fields,
  names: { timeout: "timeoutMs" },
  check: checkOptions,
});

/** The options of one entry as the side file has them. */
export type NtfyOptions = Decoded<typeof ntfyOptions>;

function checkOptions(options: ValueOf<typeof fields>, at: NodeAt<typeof fields>): void {
  checkAtMostOne(at, options, "url", "url_file");
  checkAtMostOne(at, options, "token", "token_file");
  checkAtMostOne(at, options, "password", "password_file");
  const hasToken = isGiven(options.token) || isGiven(options.token_file);
  const hasPassword = isGiven(options.password) || isGiven(options.password_file);
  if (hasToken && (isGiven(options.username) || hasPassword)) {
    at("username").fault("at most one of token and username with password must be configured");
  }
  if (isGiven(options.username) !== hasPassword) at("username").fault("username and password belong together");
  const { priority = "", actions = [] } = options;
  if (!priority.includes("{{") && !PRIORITIES.has(priority)) {
    at("priority").fault(
      `expected a priority from 1 to 5, min, low, default, high, max or a template, found ${JSON.stringify(priority)}`,
    );
  }
  if (actions.length > MAX_ACTIONS) at("actions").fault(`at most ${MAX_ACTIONS} actions: ntfy takes no more`);
}
