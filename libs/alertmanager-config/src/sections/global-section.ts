import {
  boolean,
  type Field,
  type Fields,
  type HttpClientSection,
  type NodeAt,
  optional,
  type Schema,
  shownDefault,
  text,
  type TlsSection,
  tlsConfigWith,
  type ValueOf,
} from "@monotreme/prometheus-config";
import type { HostPort } from "../receivers/email-config.ts";
import { checkAtMostOne, isGiven } from "./exclusive-fields.ts";
import {
  defaultsOf,
  optionalFilled,
  optionalPath,
  optionalSecret,
  optionalShown,
  optionalText,
  quietDefault,
} from "./field-kinds.ts";
import { DEFAULT_HTTP, httpSection } from "./http-section.ts";
import { hostPort, httpUrl, promDuration, secretUrl } from "./scalars.ts";
import { type Decoded, structure } from "./structure.ts";

/** A `tls_config` of mail; upstream leaves its relative paths to the working directory. */
export const mailTlsSection: Schema<TlsSection> = tlsConfigWith(text);

const optionalHost: Field<HostPort | undefined> = optionalFilled(hostPort);
const httpDefault: Field<HttpClientSection> = shownDefault(httpSection, DEFAULT_HTTP);

const SLACK_APP_URL = "https://slack.com/api/chat.postMessage";

const globalFields = {
  resolve_timeout: shownDefault(promDuration, 300_000),
  http_config: httpDefault,
  jira_api_url: optional(httpUrl),
  smtp_from: optionalText,
  smtp_hello: shownDefault(text, "localhost"),
  smtp_smarthost: optionalHost,
  smtp_auth_username: optionalText,
  smtp_auth_password: optionalSecret,
  smtp_auth_password_file: optionalPath,
  smtp_auth_secret: optionalSecret,
  smtp_auth_secret_file: optionalPath,
  smtp_auth_identity: optionalText,
  smtp_require_tls: shownDefault(boolean, true),
  smtp_tls_config: optional(mailTlsSection),
  smtp_force_implicit_tls: optionalShown(boolean),
  slack_api_url: optional(secretUrl),
  slack_api_url_file: optionalPath,
  slack_app_token: optionalSecret,
  slack_app_token_file: optionalPath,
  slack_app_url: quietDefault(httpUrl, SLACK_APP_URL),
  pagerduty_url: shownDefault(httpUrl, "https://events.pagerduty.com/v2/enqueue"),
  opsgenie_api_url: shownDefault(httpUrl, "https://api.opsgenie.com/"),
  opsgenie_api_key: optionalSecret,
  opsgenie_api_key_file: optionalPath,
  wechat_api_url: shownDefault(httpUrl, "https://qyapi.weixin.qq.com/cgi-bin/"),
  wechat_api_secret: optionalSecret,
  wechat_api_secret_file: optionalPath,
  wechat_api_corp_id: optionalText,
  victorops_api_url: shownDefault(httpUrl, "https://alert.victorops.com/integrations/generic/20131114/alert/"),
  victorops_api_key: optionalSecret,
  victorops_api_key_file: optionalPath,
  telegram_api_url: shownDefault(httpUrl, "https://api.telegram.org"),
  telegram_bot_token: optionalSecret,
  telegram_bot_token_file: optionalPath,
  webex_api_url: shownDefault(httpUrl, "https://webexapis.com/v1/messages"),
  rocketchat_api_url: quietDefault(httpUrl, "https://open.rocket.chat/"),
  rocketchat_token: optionalSecret,
  rocketchat_token_file: optionalPath,
  rocketchat_token_id: optionalSecret,
  rocketchat_token_id_file: optionalPath,
  mattermost_webhook_url: optional(secretUrl),
  mattermost_webhook_url_file: optionalPath,
} satisfies Fields;

type GlobalFields = ValueOf<typeof globalFields>;

/** Fields of `global` that exclude the same field with `_file`. */
const WITH_FILE = [
  "smtp_auth_password",
  "smtp_auth_secret",
  "slack_api_url",
  "slack_app_token",
  "opsgenie_api_key",
  "wechat_api_secret",
  "victorops_api_key",
  "telegram_bot_token",
  "rocketchat_token",
  "rocketchat_token_id",
  "mattermost_webhook_url",
] as const;

/** The `global` section. */
export const globalSection = structure({
  name: "global",
  fields: globalFields,
  names: { resolve_timeout: "resolveTimeoutMs" },
  check: (global, at) => {
    for (const name of WITH_FILE) checkAtMostOne(at, global, name, `${name}_file`);
    checkSlack(global, at);
  },
});

/** The `global` section with its defaults. */
export type GlobalSection = Decoded<typeof globalSection>;

/** The `global` section of a file without one. */
export const DEFAULT_GLOBAL: GlobalSection = defaultsOf(globalSection);

/** Both are fine where the address is the app's own: the way bot tokens were used before there was a field for them. */
function checkSlack(global: GlobalFields, at: NodeAt<typeof globalFields>): void {
  const hasToken = isGiven(global.slack_app_token) || isGiven(global.slack_app_token_file);
  const hasAddress = isGiven(global.slack_api_url) || isGiven(global.slack_api_url_file);
  if (hasToken && hasAddress && global.slack_api_url?.reveal() !== global.slack_app_url) {
    at("slack_app_token").fault(
      "at most one of slack_app_token/slack_app_token_file & slack_api_url/slack_api_url_file must be configured",
    );
  }
}
