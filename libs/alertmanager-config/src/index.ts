export type { AlertmanagerConfig, AlertmanagerGlobalConfig } from "./alertmanager-config.ts";
export type { InhibitRule } from "./inhibition/inhibit-rule.ts";
export { quoteGoString, unquoteGoString } from "./matchers/go-string.ts";
export {
  formatMatchers,
  LabelMatcher,
  MATCH_OPERATORS,
  matchesLabels,
  type MatchOperator,
  sortMatchers,
} from "./matchers/label-matcher.ts";
export { loadAlertmanagerConfig, type LoadAlertmanagerConfigOptions } from "./load-alertmanager-config.ts";
export { createLabelMatcher } from "./matchers/create-label-matcher.ts";
export { MatcherParseError } from "./matchers/matcher-parse-error.ts";
export { createMatcherParser, type MatcherMode, type MatcherParser } from "./matchers/matcher-parser.ts";
export type { NtfyAction, NtfyConfig, NtfyRateLimit, NtfySilenceAction } from "./ntfy/ntfy-config.ts";
export { parseAlertmanagerConfig, type ParseAlertmanagerConfigOptions } from "./parse-alertmanager-config.ts";
export type { DiscordConfig } from "./receivers/discord-config.ts";
export type { EmailConfig, EmailThreading, HostPort } from "./receivers/email-config.ts";
export type { IncidentioConfig } from "./receivers/incidentio-config.ts";
export type {
  FreeValue,
  HttpClientConfig,
  HttpIntegrationConfig,
  IntegrationConfig,
  MessageField,
  TlsConfig,
} from "./receivers/integration-config.ts";
export type { JiraConfig, JiraField, JiraLabels } from "./receivers/jira-config.ts";
export type { MattermostAttachment, MattermostConfig, MattermostPriority } from "./receivers/mattermost-config.ts";
export type { MsteamsConfig, Msteamsv2Config } from "./receivers/msteams-config.ts";
export type { OpsgenieConfig, OpsgenieResponder } from "./receivers/opsgenie-config.ts";
export type { PagerdutyConfig, PagerdutyImage, PagerdutyLink } from "./receivers/pagerduty-config.ts";
export type { PushoverConfig } from "./receivers/pushover-config.ts";
export type { Receiver } from "./receivers/receiver.ts";
export type { RocketchatAction, RocketchatConfig } from "./receivers/rocketchat-config.ts";
export type { SlackAction, SlackConfig, SlackConfirmation } from "./receivers/slack-config.ts";
export type { Sigv4Config, SnsConfig } from "./receivers/sns-config.ts";
export type { TelegramConfig } from "./receivers/telegram-config.ts";
export type { VictoropsConfig } from "./receivers/victorops-config.ts";
export type { WebexConfig } from "./receivers/webex-config.ts";
export type { WebhookConfig } from "./receivers/webhook-config.ts";
export type { WechatConfig } from "./receivers/wechat-config.ts";
export { createRoute, type RouteOptions } from "./routing/create-route.ts";
export { groupKeyOf, groupLabelsOf, matchRoutes, receiversOf, walkRoutes } from "./routing/match-routes.ts";
export type { Route } from "./routing/route.ts";
export { activeIntervals, isActive } from "./time-intervals/is-active.ts";
export type { InclusiveRange, MinuteRange, TimeInterval, TimeIntervalSpec } from "./time-intervals/time-interval.ts";
