import { type Field, list, type Located, located, record, text, withDefault } from "@monotreme/prometheus-config";
import { optionalText } from "../sections/field-kinds.ts";
import type { GlobalSection } from "../sections/global-section.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import { discordKind } from "./discord-section.ts";
import { emailKind } from "./email-section.ts";
import { incidentioKind } from "./incidentio-section.ts";
import type { IntegrationKind } from "./integration-kind.ts";
import { jiraKind } from "./jira-section.ts";
import { mattermostKind } from "./mattermost-section.ts";
import { msteamsKind, msteamsv2Kind } from "./msteams-section.ts";
import { opsgenieKind } from "./opsgenie-section.ts";
import { pagerdutyKind } from "./pagerduty-section.ts";
import { pushoverKind } from "./pushover-section.ts";
import type { Receiver } from "./receiver.ts";
import { rocketchatKind } from "./rocketchat-section.ts";
import { slackKind } from "./slack-section.ts";
import { snsKind } from "./sns-section.ts";
import { telegramKind } from "./telegram-section.ts";
import { victoropsKind } from "./victorops-section.ts";
import { webexKind } from "./webex-section.ts";
import { webhookKind } from "./webhook-section.ts";
import { wechatKind } from "./wechat-section.ts";

function entries<S>(kind: IntegrationKind<S, unknown>): Field<readonly Located<S>[]> {
  return withDefault(list(located(kind.schema), "entries"), []);
}

/** One entry of `receivers`. */
export const receiverSection = structure({
  name: "receiver",
  fields: {
    name: optionalText,
    labels: withDefault(record(text, "label values", ""), {}),
    discord_configs: entries(discordKind),
    email_configs: entries(emailKind),
    incidentio_configs: entries(incidentioKind),
    pagerduty_configs: entries(pagerdutyKind),
    slack_configs: entries(slackKind),
    webhook_configs: entries(webhookKind),
    opsgenie_configs: entries(opsgenieKind),
    wechat_configs: entries(wechatKind),
    pushover_configs: entries(pushoverKind),
    victorops_configs: entries(victoropsKind),
    sns_configs: entries(snsKind),
    telegram_configs: entries(telegramKind),
    webex_configs: entries(webexKind),
    msteams_configs: entries(msteamsKind),
    msteamsv2_configs: entries(msteamsv2Kind),
    jira_configs: entries(jiraKind),
    rocketchat_configs: entries(rocketchatKind),
    mattermost_configs: entries(mattermostKind),
  },
  check: ({ name }, at) => {
    if (name === "") at("name").fault("missing name in receiver");
  },
});

/** A receiver as the file has it. */
export type ReceiverSection = Decoded<typeof receiverSection>;

/** A receiver whose entries have taken from `global` what they lack; faults where neither has it. */
export function completeReceiver(receiver: ReceiverSection, global: GlobalSection): ReceiverSection {
  const complete = <S>(kind: IntegrationKind<S, unknown>, located: readonly Located<S>[]): readonly Located<S>[] =>
    located.map(({ value, node }) => ({ value: kind.complete(value, global, (fault) => node.fault(fault)), node }));
  return {
    ...receiver,
    discordConfigs: complete(discordKind, receiver.discordConfigs),
    emailConfigs: complete(emailKind, receiver.emailConfigs),
    incidentioConfigs: complete(incidentioKind, receiver.incidentioConfigs),
    pagerdutyConfigs: complete(pagerdutyKind, receiver.pagerdutyConfigs),
    slackConfigs: complete(slackKind, receiver.slackConfigs),
    webhookConfigs: complete(webhookKind, receiver.webhookConfigs),
    opsgenieConfigs: complete(opsgenieKind, receiver.opsgenieConfigs),
    wechatConfigs: complete(wechatKind, receiver.wechatConfigs),
    pushoverConfigs: complete(pushoverKind, receiver.pushoverConfigs),
    victoropsConfigs: complete(victoropsKind, receiver.victoropsConfigs),
    snsConfigs: complete(snsKind, receiver.snsConfigs),
    telegramConfigs: complete(telegramKind, receiver.telegramConfigs),
    webexConfigs: complete(webexKind, receiver.webexConfigs),
    msteamsConfigs: complete(msteamsKind, receiver.msteamsConfigs),
    msteamsv2Configs: complete(msteamsv2Kind, receiver.msteamsv2Configs),
    jiraConfigs: complete(jiraKind, receiver.jiraConfigs),
    rocketchatConfigs: complete(rocketchatKind, receiver.rocketchatConfigs),
    mattermostConfigs: complete(mattermostKind, receiver.mattermostConfigs),
  };
}

/** What code gets of a complete receiver; the webhooks that are ntfy's are told apart by the caller. */
export function receiverFrom(receiver: ReceiverSection): Receiver {
  const configs = <S, C>(kind: IntegrationKind<S, C>, located: readonly Located<S>[]): readonly C[] =>
    located.map(({ value }) => kind.configFrom(value));
  return {
    name: receiver.name,
    labels: { ...receiver.labels, name: receiver.name },
    discordConfigs: configs(discordKind, receiver.discordConfigs),
    emailConfigs: configs(emailKind, receiver.emailConfigs),
    incidentioConfigs: configs(incidentioKind, receiver.incidentioConfigs),
    pagerdutyConfigs: configs(pagerdutyKind, receiver.pagerdutyConfigs),
    slackConfigs: configs(slackKind, receiver.slackConfigs),
    webhookConfigs: configs(webhookKind, receiver.webhookConfigs),
    opsgenieConfigs: configs(opsgenieKind, receiver.opsgenieConfigs),
    wechatConfigs: configs(wechatKind, receiver.wechatConfigs),
    pushoverConfigs: configs(pushoverKind, receiver.pushoverConfigs),
    victoropsConfigs: configs(victoropsKind, receiver.victoropsConfigs),
    snsConfigs: configs(snsKind, receiver.snsConfigs),
    telegramConfigs: configs(telegramKind, receiver.telegramConfigs),
    webexConfigs: configs(webexKind, receiver.webexConfigs),
    msteamsConfigs: configs(msteamsKind, receiver.msteamsConfigs),
    msteamsv2Configs: configs(msteamsv2Kind, receiver.msteamsv2Configs),
    jiraConfigs: configs(jiraKind, receiver.jiraConfigs),
    rocketchatConfigs: configs(rocketchatKind, receiver.rocketchatConfigs),
    mattermostConfigs: configs(mattermostKind, receiver.mattermostConfigs),
    ntfyConfigs: [],
  };
}
