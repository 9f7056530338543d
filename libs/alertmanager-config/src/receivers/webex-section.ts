import { optional, shownDefault, text } from "@monotreme/prometheus-config";
import { optionalText } from "../sections/field-kinds.ts";
import { hasAuthorization, httpIntegrationFields, withGlobalHttp, withHttpClient } from "../sections/http-section.ts";
import { httpUrl } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import { type IntegrationKind, integrationKind } from "./integration-kind.ts";
import type { WebexConfig } from "./webex-config.ts";

const schema = structure({
  name: "webex_config",
  fields: {
    ...httpIntegrationFields(true),
    api_url: optional(httpUrl),
    message: shownDefault(text, '{{ template "webex.default.message" . }}'),
    room_id: optionalText,
  },
  check: (section, at) => {
    if (section.room_id === "") at("room_id").fault("missing room_id on webex_config");
    if (!hasAuthorization(section.http_config)) at().fault("missing webex_configs.http_config.authorization");
  },
});

type WebexSection = Decoded<typeof schema>;

/** How entries of `webex_configs` are read. */
export const webexKind: IntegrationKind<WebexSection, WebexConfig> = integrationKind({
  schema,
  complete: (section, global) => ({
    ...withGlobalHttp(section, global),
    apiUrl: section.apiUrl ?? global.webexApiUrl,
  }),
  configFrom: (section) => ({ ...withHttpClient(section), apiUrl: section.apiUrl ?? "" }),
});
