import { optional, shownDefault, text } from "@monotreme/prometheus-config";
import { optionalPath } from "../sections/field-kinds.ts";
import { checkExactlyOne } from "../sections/exclusive-fields.ts";
import { httpIntegrationFields, withGlobalHttp, withHttpClient } from "../sections/http-section.ts";
import { secretUrl } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import { type IntegrationKind, integrationKind } from "./integration-kind.ts";
import type { MsteamsConfig, Msteamsv2Config } from "./msteams-config.ts";

const commonFields = {
  ...httpIntegrationFields(true),
  webhook_url: optional(secretUrl),
  webhook_url_file: optionalPath,
};

const connectorSchema = structure({
  name: "msteams_config",
  fields: {
    ...commonFields,
    title: shownDefault(text, '{{ template "msteams.default.title" . }}'),
    summary: shownDefault(text, '{{ template "msteams.default.summary" . }}'),
    text: shownDefault(text, '{{ template "msteams.default.text" . }}'),
  },
  check: (section, at) => checkExactlyOne(at, section, "webhook_url", "webhook_url_file"),
});

const workflowSchema = structure({
  name: "msteamsv2_config",
  fields: {
    ...commonFields,
    title: shownDefault(text, '{{ template "msteamsv2.default.title" . }}'),
    text: shownDefault(text, '{{ template "msteamsv2.default.text" . }}'),
  },
  check: (section, at) => checkExactlyOne(at, section, "webhook_url", "webhook_url_file"),
});

/** How entries of `msteams_configs` are read. */
export const msteamsKind: IntegrationKind<Decoded<typeof connectorSchema>, MsteamsConfig> = integrationKind({
  schema: connectorSchema,
  complete: withGlobalHttp,
  configFrom: withHttpClient,
});

/** How entries of `msteamsv2_configs` are read. */
export const msteamsv2Kind: IntegrationKind<Decoded<typeof workflowSchema>, Msteamsv2Config> = integrationKind({
  schema: workflowSchema,
  complete: withGlobalHttp,
  configFrom: withHttpClient,
});
