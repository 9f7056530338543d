import {
  type Fields,
  list,
  located,
  mapping,
  optional,
  type Schema,
  shownDefault,
  type ValueOf,
  withDefault,
} from "../yaml/schema.ts";
import { duration, oneOf, text } from "../yaml/scalars.ts";
import { discoveryFields, staticTargetWithPath } from "./discovery-section.ts";
import { checkHttpClient, httpClientFields } from "./http-client-section.ts";
import { opaque } from "./opaque.ts";
import { relabelConfigs } from "./relabel-section.ts";

const alertmanagerFields = {
  ...httpClientFields,
  sigv4: optional(opaque),
  scheme: shownDefault(oneOf(["http", "https"]), "http"),
  path_prefix: withDefault(text, ""),
  timeout: shownDefault(duration, 10_000),
  api_version: shownDefault(oneOf(["v2"]), "v2"),
  relabel_configs: withDefault(relabelConfigs, []),
  alert_relabel_configs: withDefault(relabelConfigs, []),
  ...discoveryFields,
} satisfies Fields;

export type AlertmanagerSection = ValueOf<typeof alertmanagerFields>;

/** One entry of `alerting.alertmanagers`. */
export const alertmanagerSection: Schema<AlertmanagerSection> = mapping({
  name: "alertmanager",
  fields: alertmanagerFields,
  check: (section, at) => {
    checkHttpClient(section, at);
    const badTarget = section.relabel_configs.length === 0 ? staticTargetWithPath(section) : undefined;
    if (badTarget !== undefined) at("static_configs").fault(`${JSON.stringify(badTarget)} is not a valid hostname`);
  },
});

const alertingFields = {
  alert_relabel_configs: withDefault(relabelConfigs, []),
  alertmanagers: withDefault(list(located(alertmanagerSection), "alertmanagers"), []),
} satisfies Fields;

export type AlertingSection = ValueOf<typeof alertingFields>;

/** The `alerting` section: where alerts go and how they are rewritten before. */
export const alertingSection: Schema<AlertingSection> = mapping({ name: "alerting", fields: alertingFields });
