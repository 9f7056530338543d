import { count, optional, withDefault } from "@monotreme/prometheus-config";
import { optionalPath, optionalSecret } from "../sections/field-kinds.ts";
import { checkAtMostOne, checkExactlyOne, isGiven } from "../sections/exclusive-fields.ts";
import { hasAuthorization, httpIntegrationFields, withGlobalHttp, withHttpClient } from "../sections/http-section.ts";
import { goDuration, httpUrl } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import type { IncidentioConfig } from "./incidentio-config.ts";
import { type IntegrationKind, integrationKind } from "./integration-kind.ts";

const schema = structure({
  name: "incidentio_config",
  fields: {
    ...httpIntegrationFields(true),
    url: optional(httpUrl),
    url_file: optionalPath,
    alert_source_token: optionalSecret,
    alert_source_token_file: optionalPath,
    max_alerts: withDefault(count, 0),
    timeout: withDefault(goDuration, 0),
  },
  names: { timeout: "timeoutMs" },
  check: (section, at) => {
    checkExactlyOne(at, section, "url", "url_file");
    checkAtMostOne(at, section, "alert_source_token", "alert_source_token_file");
    const hasToken = isGiven(section.alert_source_token) || isGiven(section.alert_source_token_file);
    const authorizes = hasAuthorization(section.http_config);
    if (hasToken && authorizes) {
      at("http_config").fault(
        "cannot specify alert_source_token or alert_source_token_file when using http_config.authorization",
      );
    }
    if (!hasToken && !authorizes && section.http_config !== undefined) {
      at().fault(
        "at least one of alert_source_token, alert_source_token_file or http_config.authorization must be configured",
      );
    }
  },
});

type IncidentioSection = Decoded<typeof schema>;

/** How entries of `incidentio_configs` are read. */
export const incidentioKind: IntegrationKind<IncidentioSection, IncidentioConfig> = integrationKind({
  schema,
  complete: withGlobalHttp,
  configFrom: withHttpClient,
});
