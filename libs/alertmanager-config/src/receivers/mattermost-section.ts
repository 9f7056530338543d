import { boolean, list, optional, shownDefault, text, withDefault } from "@monotreme/prometheus-config";
import { optionalPath, optionalText } from "../sections/field-kinds.ts";
import { checkAtMostOne, isGiven } from "../sections/exclusive-fields.ts";
import { httpIntegrationFields, withGlobalHttp, withHttpClient } from "../sections/http-section.ts";
import { secretUrl } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import { type IntegrationKind, integrationKind } from "./integration-kind.ts";
import type { MattermostConfig } from "./mattermost-config.ts";
import { messageFields } from "./message-field.ts";

const attachmentFields = {
  fallback: optionalText,
  color: optionalText,
  pretext: optionalText,
  text: optionalText,
  author_name: optionalText,
  author_link: optionalText,
  author_icon: optionalText,
  title: optionalText,
  title_link: optionalText,
  fields: withDefault(messageFields("Mattermost"), []),
  thumb_url: optionalText,
  footer: optionalText,
  footer_icon: optionalText,
  image_url: optionalText,
};

const attachment = structure({ name: "Mattermost attachment", fields: attachmentFields });

const priority = structure({
  name: "Mattermost priority",
  fields: {
    priority: optionalText,
    requested_ack: withDefault(boolean, false),
    persistent_notifications: withDefault(boolean, false),
  },
});

const standard = (name: string) => shownDefault(text, `{{ template "mattermost.default.${name}" . }}`);

const schema = structure({
  name: "mattermost_config",
  fields: {
    ...httpIntegrationFields(true),
    webhook_url: optional(secretUrl),
    webhook_url_file: optionalPath,
    channel: optionalText,
    username: standard("username"),
    ...attachmentFields,
    text: standard("text"),
    fallback: standard("fallback"),
    color: standard("color"),
    title: standard("title"),
    title_link: standard("titlelink"),
    icon_url: optionalText,
    icon_emoji: optionalText,
    attachments: withDefault(list(attachment, "attachments"), []),
    type: optionalText,
    props: optional(structure({ name: "Mattermost props", fields: { card: optionalText } })),
    priority: optional(priority),
  },
  check: (section, at) => {
    checkAtMostOne(at, section, "webhook_url", "webhook_url_file");
    if (section.attachments.length > 0) {
      at("attachments").warn("attachments is deprecated; set the attachment's fields in the entry itself");
    }
  },
});

type MattermostSection = Decoded<typeof schema>;

/** How entries of `mattermost_configs` are read. */
export const mattermostKind: IntegrationKind<MattermostSection, MattermostConfig> = integrationKind({
  schema,
  complete: (section, global, fault) => {
    const hasUrl = isGiven(section.webhookUrl) || isGiven(section.webhookUrlFile);
    const webhookUrl = hasUrl ? section.webhookUrl : global.mattermostWebhookUrl;
    const webhookUrlFile = hasUrl ? section.webhookUrlFile : global.mattermostWebhookUrlFile;
    if (!isGiven(webhookUrl) && !isGiven(webhookUrlFile)) {
      fault("missing webhook_url or webhook_url_file on mattermost_config");
    }
    return { ...withGlobalHttp(section, global), webhookUrl, webhookUrlFile };
  },
  configFrom: withHttpClient,
});
