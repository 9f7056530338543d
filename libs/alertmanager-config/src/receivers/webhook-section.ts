import { count, optional, withDefault } from "@monotreme/prometheus-config";
import { optionalPath } from "../sections/field-kinds.ts";
import { checkExactlyOne } from "../sections/exclusive-fields.ts";
import { freeValue } from "../sections/free-value.ts";
import { httpIntegrationFields, withGlobalHttp, withHttpClient } from "../sections/http-section.ts";
import { goDuration, templateUrl } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import { type IntegrationKind, integrationKind } from "./integration-kind.ts";
import type { WebhookConfig } from "./webhook-config.ts";

const schema = structure({
  name: "webhook_config",
  fields: {
    ...httpIntegrationFields(true),
    url: optional(templateUrl),
    url_file: optionalPath,
    max_alerts: withDefault(count, 0),
    timeout: withDefault(goDuration, 0),
    payload: optional(freeValue),
  },
  names: { timeout: "timeoutMs" },
  check: (section, at) => checkExactlyOne(at, section, "url", "url_file"),
});

/** A webhook as the file has it. */
export type WebhookSection = Decoded<typeof schema>;

/** How entries of `webhook_configs` are read. */
export const webhookKind: IntegrationKind<WebhookSection, WebhookConfig> = integrationKind({
  schema,
  complete: withGlobalHttp,
  configFrom: withHttpClient,
});
