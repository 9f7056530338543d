import { boolean, shownDefault, text, withDefault } from "@monotreme/prometheus-config";
import { optionalPath, optionalSecret, optionalText } from "../sections/field-kinds.ts";
import { checkExactlyOne } from "../sections/exclusive-fields.ts";
import { httpIntegrationFields, withGlobalHttp, withHttpClient } from "../sections/http-section.ts";
import { goDuration } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import { type IntegrationKind, integrationKind } from "./integration-kind.ts";
import type { PushoverConfig } from "./pushover-config.ts";

const schema = structure({
  name: "pushover_config",
  fields: {
    ...httpIntegrationFields(true),
    user_key: optionalSecret,
    user_key_file: optionalPath,
    token: optionalSecret,
    token_file: optionalPath,
    title: shownDefault(text, '{{ template "pushover.default.title" . }}'),
    message: shownDefault(text, '{{ template "pushover.default.message" . }}'),
    url: shownDefault(text, '{{ template "pushover.default.url" . }}'),
    url_title: optionalText,
    device: optionalText,
    sound: optionalText,
    priority: shownDefault(text, '{{ if eq .Status "firing" }}2{{ else }}0{{ end }}'),
    retry: shownDefault(goDuration, 60_000),
    expire: shownDefault(goDuration, 3_600_000),
    ttl: withDefault(goDuration, 0),
    html: withDefault(boolean, false),
    monospace: withDefault(boolean, false),
  },
  names: { retry: "retryMs", expire: "expireMs", ttl: "ttlMs" },
  check: (section, at) => {
    checkExactlyOne(at, section, "user_key", "user_key_file");
    checkExactlyOne(at, section, "token", "token_file");
    if (section.html && section.monospace) {
      at("monospace").fault("at most one of monospace & html must be configured");
    }
  },
});

type PushoverSection = Decoded<typeof schema>;

/** How entries of `pushover_configs` are read. */
export const pushoverKind: IntegrationKind<PushoverSection, PushoverConfig> = integrationKind({
  schema,
  complete: withGlobalHttp,
  configFrom: withHttpClient,
});
