import type { IntegrationConfig, Receiver } from "@monotreme/alertmanager-config";
import { DiscordIntegration } from "./discord/discord-integration.ts";
import { EmailIntegration } from "./email/email-integration.ts";
import { IncidentioIntegration } from "./incidentio/incidentio-integration.ts";
import type { ConfiguredIntegration, Integration, IntegrationContext } from "./integration.ts";
import { JiraIntegration } from "./jira/jira-integration.ts";
import { MattermostIntegration } from "./mattermost/mattermost-integration.ts";
import { MsteamsIntegration } from "./msteams/msteams-integration.ts";
import { Msteamsv2Integration } from "./msteams/msteamsv2-integration.ts";
import { NtfyIntegration } from "./ntfy/ntfy-integration.ts";
import { OpsgenieIntegration } from "./opsgenie/opsgenie-integration.ts";
import { PagerdutyIntegration } from "./pagerduty/pagerduty-integration.ts";
import { PushoverIntegration } from "./pushover/pushover-integration.ts";
import { RocketchatIntegration } from "./rocketchat/rocketchat-integration.ts";
import { SlackIntegration } from "./slack/slack-integration.ts";
import { SnsIntegration } from "./sns/sns-integration.ts";
import { TelegramIntegration } from "./telegram/telegram-integration.ts";
import { VictoropsIntegration } from "./victorops/victorops-integration.ts";
import { WebexIntegration } from "./webex/webex-integration.ts";
import { WebhookIntegration } from "./webhook/webhook-integration.ts";
import { WechatIntegration } from "./wechat/wechat-integration.ts";

type IntegrationBuilder = (receiver: Receiver, context: IntegrationContext) => ConfiguredIntegration[];

const BUILDERS: readonly IntegrationBuilder[] = [
  builder((receiver) => receiver.webhookConfigs, WebhookIntegration),
  builder((receiver) => receiver.ntfyConfigs, NtfyIntegration),
  builder((receiver) => receiver.emailConfigs, EmailIntegration),
  builder((receiver) => receiver.pagerdutyConfigs, PagerdutyIntegration),
  builder((receiver) => receiver.slackConfigs, SlackIntegration),
  builder((receiver) => receiver.telegramConfigs, TelegramIntegration),
  builder((receiver) => receiver.discordConfigs, DiscordIntegration),
  builder((receiver) => receiver.incidentioConfigs, IncidentioIntegration),
  builder((receiver) => receiver.jiraConfigs, JiraIntegration),
  builder((receiver) => receiver.mattermostConfigs, MattermostIntegration),
  builder((receiver) => receiver.msteamsConfigs, MsteamsIntegration),
  builder((receiver) => receiver.msteamsv2Configs, Msteamsv2Integration),
  builder((receiver) => receiver.opsgenieConfigs, OpsgenieIntegration),
  builder((receiver) => receiver.pushoverConfigs, PushoverIntegration),
  builder((receiver) => receiver.rocketchatConfigs, RocketchatIntegration),
  builder((receiver) => receiver.snsConfigs, SnsIntegration),
  builder((receiver) => receiver.victoropsConfigs, VictoropsIntegration),
  builder((receiver) => receiver.webexConfigs, WebexIntegration),
  builder((receiver) => receiver.wechatConfigs, WechatIntegration),
];

/** The integrations of a receiver; none connects before its first notification. */
export function createIntegrations(receiver: Receiver, context: IntegrationContext): ConfiguredIntegration[] {
  return BUILDERS.flatMap((build) => build(receiver, context));
}

function builder<C extends IntegrationConfig>(
  configsOf: (receiver: Receiver) => readonly C[],
  Kind: new (config: C, context: IntegrationContext) => Integration,
): IntegrationBuilder {
  return (receiver, context) =>
    configsOf(receiver).map((config, index) => {
      const integration = new Kind(config, context);
      return { integration, name: integration.name, index, sendResolved: config.sendResolved };
    });
}
