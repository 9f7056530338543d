import { list, located, optional, type Schema, shownDefault, withDefault } from "@monotreme/prometheus-config";
import { resolve } from "node:path";
import type { MatcherParser } from "../matchers/matcher-parser.ts";
import { receiverSection } from "../receivers/receiver-section.ts";
import { freeValue } from "./free-value.ts";
import { globalSection } from "./global-section.ts";
import { inhibitSection } from "./inhibit-section.ts";
import { routeSection } from "./route-section.ts";
import { type Decoded, structure } from "./structure.ts";
import { timeIntervalSection } from "./time-interval-section.ts";

/** The pattern of template files; relative ones start at the configuration's folder. */
const templatePattern: Schema<string> = {
  decode: (node) => {
    if (node.text !== undefined) return resolve(node.document.folder, node.text);
    node.fault(`expected the path of template files, found ${node.description}`);
    return undefined;
  },
  render: (value) => value,
};

/** Taken without being read: nothing acts on it, so nothing is rendered of it either. */
const ignored = optional<unknown>({
  decode: (node) => {
    node.warn("not supported and ignored");
    return freeValue.decode(node);
  },
  render: () => undefined,
});

/** The whole of `alertmanager.yml` as written. */
export function fileSection(parser: MatcherParser) {
  return structure({
    name: "the configuration file",
    fields: {
      global: optional(globalSection),
      route: optional(located(routeSection(parser))),
      inhibit_rules: withDefault(list(inhibitSection(parser), "inhibit rules"), []),
      receivers: withDefault(list(located(receiverSection), "receivers"), []),
      templates: shownDefault(list(templatePattern, "template files"), []),
      mute_time_intervals: withDefault(list(located(timeIntervalSection), "time intervals"), []),
      time_intervals: withDefault(list(located(timeIntervalSection), "time intervals"), []),
      tracing: ignored,
      event_recorder: ignored,
    },
    check: (section, at) => {
      if (section.mute_time_intervals.length > 0) {
        at("mute_time_intervals").warn("mute_time_intervals is deprecated; use time_intervals");
      }
    },
  });
}

/** The file as it was read. */
export type FileSection = Decoded<ReturnType<typeof fileSection>>;
