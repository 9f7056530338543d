import type { NtfyConfig } from "../ntfy/ntfy-config.ts";
import type { DiscordConfig } from "./discord-config.ts";
import type { EmailConfig } from "./email-config.ts";
import type { IncidentioConfig } from "./incidentio-config.ts";
import type { JiraConfig } from "./jira-config.ts";
import type { MattermostConfig } from "./mattermost-config.ts";
import type { MsteamsConfig, Msteamsv2Config } from "./msteams-config.ts";
import type { OpsgenieConfig } from "./opsgenie-config.ts";
import type { PagerdutyConfig } from "./pagerduty-config.ts";
import type { PushoverConfig } from "./pushover-config.ts";
import type { RocketchatConfig } from "./rocketchat-config.ts";
import type { SlackConfig } from "./slack-config.ts";
import type { SnsConfig } from "./sns-config.ts";
import type { TelegramConfig } from "./telegram-config.ts";
import type { VictoropsConfig } from "./victorops-config.ts";
import type { WebexConfig } from "./webex-config.ts";
import type { WebhookConfig } from "./webhook-config.ts";
import type { WechatConfig } from "./wechat-config.ts";

/**
 * A named set of integrations, each with everything of `global` filled in. An integration's index is its place in its
 * list; webhooks that are ntfy's stand in `ntfyConfigs` only.
 */
export interface Receiver {
  readonly name: string;
  /** As configured, and `name` with the receiver's name. */
  readonly labels: Readonly<Record<string, string>>;
  readonly discordConfigs: readonly DiscordConfig[];
  readonly emailConfigs: readonly EmailConfig[];
  readonly incidentioConfigs: readonly IncidentioConfig[];
  readonly jiraConfigs: readonly JiraConfig[];
  readonly mattermostConfigs: readonly MattermostConfig[];
  readonly msteamsConfigs: readonly MsteamsConfig[];
  readonly msteamsv2Configs: readonly Msteamsv2Config[];
  readonly ntfyConfigs: readonly NtfyConfig[];
  readonly opsgenieConfigs: readonly OpsgenieConfig[];
  readonly pagerdutyConfigs: readonly PagerdutyConfig[];
  readonly pushoverConfigs: readonly PushoverConfig[];
  readonly rocketchatConfigs: readonly RocketchatConfig[];
  readonly slackConfigs: readonly SlackConfig[];
  readonly snsConfigs: readonly SnsConfig[];
  readonly telegramConfigs: readonly TelegramConfig[];
  readonly victoropsConfigs: readonly VictoropsConfig[];
  readonly webexConfigs: readonly WebexConfig[];
  readonly webhookConfigs: readonly WebhookConfig[];
  readonly wechatConfigs: readonly WechatConfig[];
}
