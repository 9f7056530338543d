import { boolean, list, optional, Secret, shownDefault, text, withDefault } from "@monotreme/prometheus-config";
import { optionalPath, optionalSecret, optionalText } from "../sections/field-kinds.ts";
import { checkAtMostOne, isGiven } from "../sections/exclusive-fields.ts";
import type { GlobalSection } from "../sections/global-section.ts";
import { hasAuthorization, httpIntegrationFields, withGlobalHttp, withHttpClient } from "../sections/http-section.ts";
import { goDuration, httpUrl, secretUrl } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import { type Fault, type IntegrationKind, integrationKind } from "./integration-kind.ts";
import { messageFields } from "./message-field.ts";
import type { SlackConfig } from "./slack-config.ts";

const confirmation = structure({
  name: "Slack confirmation",
  fields: { text: optionalText, title: optionalText, ok_text: optionalText, dismiss_text: optionalText },
  check: (confirm, at) => {
    if (confirm.text === "") at("text").fault("missing text in Slack confirmation configuration");
  },
});

const action = structure({
  name: "Slack action",
  fields: {
    type: optionalText,
    text: optionalText,
    url: optionalText,
    style: optionalText,
    name: optionalText,
    value: optionalText,
    confirm: optional(confirmation),
  },
  check: ({ type, text: label, url, name }, at) => {
    if (type === "") at("type").fault("missing type in Slack action configuration");
    if (label === "") at("text").fault("missing text in Slack action configuration");
    if (url === "" && name === "") at().fault("missing name or url in Slack action configuration");
  },
});

const standard = (name: string) => shownDefault(text, `{{ template "slack.default.${name}" . }}`);

const schema = structure({
  name: "slack_config",
  fields: {
    ...httpIntegrationFields(false),
    api_url: optional(secretUrl),
    api_url_file: optionalPath,
    app_token: optionalSecret,
    app_token_file: optionalPath,
    app_url: optional(httpUrl),
    channel: optionalText,
    username: standard("username"),
    color: shownDefault(text, '{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}'),
    title: standard("title"),
    title_link: standard("titlelink"),
    pretext: standard("pretext"),
    text: standard("text"),
    message_text: optionalText,
    fields: withDefault(messageFields("Slack"), []),
    short_fields: shownDefault(boolean, false),
    footer: standard("footer"),
    fallback: standard("fallback"),
    callback_id: standard("callbackid"),
    icon_emoji: standard("iconemoji"),
    icon_url: standard("iconurl"),
    image_url: optionalText,
    thumb_url: optionalText,
    link_names: shownDefault(boolean, false),
    mrkdwn_in: withDefault(list(text, "field names"), []),
    actions: withDefault(list(action, "actions"), []),
    update_message: withDefault(boolean, false),
    timeout: withDefault(goDuration, 0),
  },
  names: { timeout: "timeoutMs" },
  check: (section, at) => {
    checkAtMostOne(at, section, "api_url", "api_url_file");
    checkAtMostOne(at, section, "app_token", "app_token_file");
    const hasAddress = isGiven(section.api_url) || isGiven(section.api_url_file);
    if (hasAddress && (isGiven(section.app_token) || isGiven(section.app_token_file))) {
      at().fault("at most one of api_url/api_url_file & app_token/app_token_file must be configured");
    }
  },
});

type SlackSection = Decoded<typeof schema>;

const POST_MESSAGE_URL = "https://slack.com/api/chat.postMessage";

/** How entries of `slack_configs` are read. */
export const slackKind: IntegrationKind<SlackSection, SlackConfig> = integrationKind({
  schema,
  complete: completeSlack,
  configFrom: slackConfigFrom,
});

function completeSlack(section: SlackSection, global: GlobalSection, fault: Fault): SlackSection {
  const ownToken = isGiven(section.appToken) || isGiven(section.appTokenFile);
  const ownAddress = isGiven(section.apiUrl) || isGiven(section.apiUrlFile);
  const takesToken = !ownToken && !ownAddress && !hasAuthorization(section.httpConfig);
  const appToken = takesToken ? global.slackAppToken : section.appToken;
  const appTokenFile = takesToken ? global.slackAppTokenFile : section.appTokenFile;
  const hasToken = isGiven(appToken) || isGiven(appTokenFile);
  // With a token messages go to the app's address, and a second one would make the entry ambiguous when read again.
  const takesAddress = !ownAddress && !hasToken;
  const completed = {
    ...withGlobalHttp(section, global),
    appToken,
    appTokenFile,
    appUrl: section.appUrl ?? (hasToken ? global.slackAppUrl : undefined),
    apiUrl: takesAddress ? global.slackApiUrl : section.apiUrl,
    apiUrlFile: takesAddress ? global.slackApiUrlFile : section.apiUrlFile,
  };
  if (!hasToken && !isGiven(completed.apiUrl) && !isGiven(completed.apiUrlFile)) {
    fault("no Slack API URL nor App token set either inline or in a file");
  }
  if (hasToken && hasAuthorization(completed.httpConfig)) {
    fault("http authorization can't be set when using Slack App tokens");
  }
  if (section.updateMessage && !hasToken && completed.apiUrl?.reveal() !== POST_MESSAGE_URL) {
    fault(`update_message can only be used with bot tokens. api_url must be set to ${POST_MESSAGE_URL}`);
  }
  return completed;
}

/** A token becomes what it means: the app's address and an `Authorization` header. */
function slackConfigFrom(section: SlackSection): SlackConfig {
  const config = withHttpClient({ ...section, actions: section.actions.map(actionFrom), appUrl: section.appUrl ?? "" });
  if (section.appToken === undefined && section.appTokenFile === undefined) return config;
  return {
    ...config,
    apiUrl: new Secret(config.appUrl),
    httpConfig: {
      ...config.httpConfig,
      authorization: { type: "Bearer", credentials: section.appToken, credentialsFile: section.appTokenFile },
    },
  };
}

/** A link is nothing else. */
function actionFrom(value: Decoded<typeof action>): Decoded<typeof action> {
  return value.url === "" ? value : { ...value, name: "", value: "", confirm: undefined };
}
