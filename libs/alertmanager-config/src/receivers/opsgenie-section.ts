import { boolean, list, optional, record, shownDefault, text, withDefault } from "@monotreme/prometheus-config";
import { optionalPath, optionalSecret, optionalText } from "../sections/field-kinds.ts";
import { checkAtMostOne, isGiven } from "../sections/exclusive-fields.ts";
import { httpIntegrationFields, withGlobalHttp, withHttpClient } from "../sections/http-section.ts";
import { httpUrl } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import { type IntegrationKind, integrationKind } from "./integration-kind.ts";
import type { OpsgenieConfig } from "./opsgenie-config.ts";
import { withTrailingSlash } from "./trailing-slash.ts";

const RESPONDER_TYPES: ReadonlySet<string> = new Set(["team", "teams", "user", "escalation", "schedule"]);

const responder = structure({
  name: "OpsGenie responder",
  fields: { id: optionalText, name: optionalText, username: optionalText, type: optionalText },
  check: ({ id, name, username, type }, at) => {
    if (id === "" && name === "" && username === "") {
      at().fault("opsGenieConfig responder has to have at least one of id, username or name specified");
    }
    if (!type.includes("{{") && !RESPONDER_TYPES.has(type.toLowerCase())) {
      const types = [...RESPONDER_TYPES].join("|");
      at("type").fault(`opsGenieConfig responder type does not match valid options ^(${types})$`);
    }
  },
});

const schema = structure({
  name: "opsgenie_config",
  fields: {
    ...httpIntegrationFields(true),
    api_key: optionalSecret,
    api_key_file: optionalPath,
    api_url: optional(httpUrl),
    message: shownDefault(text, '{{ template "opsgenie.default.message" . }}'),
    description: shownDefault(text, '{{ template "opsgenie.default.description" . }}'),
    source: shownDefault(text, '{{ template "opsgenie.default.source" . }}'),
    details: withDefault(record(text, "details", ""), {}),
    entity: optionalText,
    responders: withDefault(list(responder, "responders"), []),
    actions: optionalText,
    tags: optionalText,
    note: optionalText,
    priority: optionalText,
    update_alerts: withDefault(boolean, false),
  },
  check: (section, at) => checkAtMostOne(at, section, "api_key", "api_key_file"),
});

type OpsgenieSection = Decoded<typeof schema>;

/** How entries of `opsgenie_configs` are read. */
export const opsgenieKind: IntegrationKind<OpsgenieSection, OpsgenieConfig> = integrationKind({
  schema,
  complete: (section, global, fault) => {
    const hasKey = isGiven(section.apiKey) || isGiven(section.apiKeyFile);
    const apiKey = hasKey ? section.apiKey : global.opsgenieApiKey;
    const apiKeyFile = hasKey ? section.apiKeyFile : global.opsgenieApiKeyFile;
    if (!isGiven(apiKey) && !isGiven(apiKeyFile)) {
      fault("no global OpsGenie API Key set either inline or in a file");
    }
    const apiUrl = withTrailingSlash(section.apiUrl ?? global.opsgenieApiUrl);
    return { ...withGlobalHttp(section, global), apiKey, apiKeyFile, apiUrl };
  },
  configFrom: (section) => ({ ...withHttpClient(section), apiUrl: section.apiUrl ?? "" }),
});
