import { list, optional, shownDefault, text, withDefault } from "@monotreme/prometheus-config";
import { optionalPath, optionalSecret, optionalText } from "../sections/field-kinds.ts";
import { checkAtMostOne, isGiven } from "../sections/exclusive-fields.ts";
import { freeRecord } from "../sections/free-value.ts";
import { httpIntegrationFields, withGlobalHttp, withHttpClient } from "../sections/http-section.ts";
import { goDuration, httpUrl } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import { type IntegrationKind, integrationKind } from "./integration-kind.ts";
import type { PagerdutyConfig } from "./pagerduty-config.ts";

/** Always among the details, unless the entry has its own of that name. */
const STANDARD_DETAILS = {
  firing: "{{ .Alerts.Firing | toJson }}",
  num_firing: "{{ .Alerts.Firing | len }}",
  num_resolved: "{{ .Alerts.Resolved | len }}",
  resolved: "{{ .Alerts.Resolved | toJson }}",
};

const image = structure({
  name: "PagerDuty image",
  fields: { src: optionalText, alt: optionalText, href: optionalText },
});
const link = structure({ name: "PagerDuty link", fields: { href: optionalText, text: optionalText } });

const schema = structure({
  name: "pagerduty_config",
  fields: {
    ...httpIntegrationFields(true),
    service_key: optionalSecret,
    service_key_file: optionalPath,
    routing_key: optionalSecret,
    routing_key_file: optionalPath,
    url: optional(httpUrl),
    client: shownDefault(text, '{{ template "pagerduty.default.client" . }}'),
    client_url: shownDefault(text, '{{ template "pagerduty.default.clientURL" . }}'),
    description: shownDefault(text, '{{ template "pagerduty.default.description" .}}'),
    details: withDefault(freeRecord, {}),
    images: withDefault(list(image, "images"), []),
    links: withDefault(list(link, "links"), []),
    source: optionalText,
    severity: optionalText,
    class: optionalText,
    component: optionalText,
    group: optionalText,
    timeout: withDefault(goDuration, 0),
  },
  names: { timeout: "timeoutMs" },
  check: (section, at) => {
    const keys = ["service_key", "service_key_file", "routing_key", "routing_key_file"] as const;
    if (!keys.some((key) => isGiven(section[key]))) at().fault("missing service or routing key in PagerDuty config");
    checkAtMostOne(at, section, "service_key", "service_key_file");
    checkAtMostOne(at, section, "routing_key", "routing_key_file");
  },
});

type PagerdutySection = Decoded<typeof schema>;

/** How entries of `pagerduty_configs` are read. */
export const pagerdutyKind: IntegrationKind<PagerdutySection, PagerdutyConfig> = integrationKind({
  schema,
  complete: (section, global) => ({
    ...withGlobalHttp(section, global),
    url: section.url ?? global.pagerdutyUrl,
    details: { ...STANDARD_DETAILS, ...section.details },
  }),
  configFrom: (section) => ({
    ...withHttpClient(section),
    url: section.url ?? "",
    source: section.source || section.client,
  }),
});
