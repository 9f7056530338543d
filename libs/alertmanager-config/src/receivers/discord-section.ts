import { optional, shownDefault, text } from "@monotreme/prometheus-config";
import { optionalPath, optionalText } from "../sections/field-kinds.ts";
import { checkExactlyOne } from "../sections/exclusive-fields.ts";
import { httpIntegrationFields, withGlobalHttp, withHttpClient } from "../sections/http-section.ts";
import { secretUrl } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import type { DiscordConfig } from "./discord-config.ts";
import { type IntegrationKind, integrationKind } from "./integration-kind.ts";

const schema = structure({
  name: "discord_config",
  fields: {
    ...httpIntegrationFields(true),
    webhook_url: optional(secretUrl),
    webhook_url_file: optionalPath,
    content: optionalText,
    title: shownDefault(text, '{{ template "discord.default.title" . }}'),
    message: shownDefault(text, '{{ template "discord.default.message" . }}'),
    username: optionalText,
    avatar_url: optionalText,
  },
  check: (section, at) => checkExactlyOne(at, section, "webhook_url", "webhook_url_file"),
});

type DiscordSection = Decoded<typeof schema>;

/** How entries of `discord_configs` are read. */
export const discordKind: IntegrationKind<DiscordSection, DiscordConfig> = integrationKind({
  schema,
  complete: withGlobalHttp,
  configFrom: withHttpClient,
});
