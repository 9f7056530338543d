import { optional, record, shownDefault, text, withDefault } from "@monotreme/prometheus-config";
import { optionalPath, optionalSecret, optionalText } from "../sections/field-kinds.ts";
import { checkAtMostOne, isGiven } from "../sections/exclusive-fields.ts";
import { httpIntegrationFields, withGlobalHttp, withHttpClient } from "../sections/http-section.ts";
import { httpUrl } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import { type IntegrationKind, integrationKind } from "./integration-kind.ts";
import { withTrailingSlash } from "./trailing-slash.ts";
import type { VictoropsConfig } from "./victorops-config.ts";

/** What every message has by itself. */
const RESERVED_FIELDS = [
  "routing_key",
  "message_type",
  "state_message",
  "entity_display_name",
  "monitoring_tool",
  "entity_id",
  "entity_state",
] as const;

const schema = structure({
  name: "victorops_config",
  fields: {
    ...httpIntegrationFields(true),
    api_key: optionalSecret,
    api_key_file: optionalPath,
    api_url: optional(httpUrl),
    routing_key: optionalText,
    message_type: shownDefault(text, "CRITICAL"),
    state_message: shownDefault(text, '{{ template "victorops.default.state_message" . }}'),
    entity_display_name: shownDefault(text, '{{ template "victorops.default.entity_display_name" . }}'),
    monitoring_tool: shownDefault(text, '{{ template "victorops.default.monitoring_tool" . }}'),
    custom_fields: withDefault(record(text, "custom fields", ""), {}),
  },
  check: (section, at) => {
    if (section.routing_key === "") at("routing_key").fault("missing Routing key in VictorOps config");
    checkAtMostOne(at, section, "api_key", "api_key_file");
    for (const name of RESERVED_FIELDS.filter((field) => Object.hasOwn(section.custom_fields, field))) {
      at("custom_fields").fault(
        `victorOps config contains custom field ${name} which cannot be used as it conflicts with the fixed/static fields`,
      );
    }
  },
});

type VictoropsSection = Decoded<typeof schema>;

/** How entries of `victorops_configs` are read. */
export const victoropsKind: IntegrationKind<VictoropsSection, VictoropsConfig> = integrationKind({
  schema,
  complete: (section, global, fault) => {
    const hasKey = isGiven(section.apiKey) || isGiven(section.apiKeyFile);
    const apiKey = hasKey ? section.apiKey : global.victoropsApiKey;
    const apiKeyFile = hasKey ? section.apiKeyFile : global.victoropsApiKeyFile;
    if (!isGiven(apiKey) && !isGiven(apiKeyFile)) fault("no global VictorOps API Key set");
    const apiUrl = withTrailingSlash(section.apiUrl ?? global.victoropsApiUrl);
    return { ...withGlobalHttp(section, global), apiKey, apiKeyFile, apiUrl };
  },
  configFrom: (section) => ({ ...withHttpClient(section), apiUrl: section.apiUrl ?? "" }),
});
