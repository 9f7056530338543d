import type { IntegrationConfig, Receiver } from "@monotreme/alertmanager-config";
import { DiscordIntegration } from "./discord/discord-integration.ts";
import { EmailIntegration } from "./email/email-integration.ts";
import type { ConfiguredIntegration, Integration, IntegrationContext } from "./integration.ts";
import { NtfyIntegration } from "./ntfy/ntfy-integration.ts";
import { PagerdutyIntegration } from "./pagerduty/pagerduty-integration.ts";
import { SlackIntegration } from "./slack/slack-integration.ts";
import { TelegramIntegration } from "./telegram/telegram-integration.ts";
import { WebhookIntegration } from "./webhook/webhook-integration.ts";

type IntegrationBuilder = (receiver: Receiver, context: IntegrationContext) => ConfiguredIntegration[];

const BUILDERS: readonly IntegrationBuilder[] = [
  builder((receiver) => receiver.webhookConfigs, WebhookIntegration),
  builder((receiver) => receiver.ntfyConfigs, NtfyIntegration),
  builder((receiver) => receiver.emailConfigs, EmailIntegration),
  builder((receiver) => receiver.pagerdutyConfigs, PagerdutyIntegration),
  builder((receiver) => receiver.slackConfigs, SlackIntegration),
  builder((receiver) => receiver.telegramConfigs, TelegramIntegration),
  builder((receiver) => receiver.discordConfigs, DiscordIntegration),
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
