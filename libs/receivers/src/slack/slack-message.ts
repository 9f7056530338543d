import type { SlackAction, SlackConfig } from "@monotreme/alertmanager-config";
import { type GoJsonValue, orOmitted } from "../delivery/go-json.ts";
import type { MessageExpander } from "../templates/message-expander.ts";
import { truncateRunes } from "../truncate-text.ts";

const MAX_TITLE_RUNES = 1024;
const DEFAULT_MRKDWN_IN = ["fallback", "pretext", "text"];

/** A shown message that the new one replaces. */
export interface ShownMessage {
  readonly ts: string;
  readonly channel: string;
}

/** A message as `chat.postMessage`, `chat.update` and incoming webhooks take it. */
export function slackMessage(
  config: SlackConfig,
  channel: string,
  shown: ShownMessage | undefined,
  expander: MessageExpander,
): GoJsonValue {
  const username = expander.value("username", config.username);
  const iconEmoji = expander.value("icon_emoji", config.iconEmoji);
  const iconUrl = expander.value("icon_url", config.iconUrl);
  const text = expander.text("message_text", config.messageText);
  return {
    channel: orOmitted(shown?.channel ?? channel),
    ts: shown?.ts,
    username: orOmitted(username),
    icon_emoji: orOmitted(iconEmoji),
    icon_url: orOmitted(iconUrl),
    link_names: orOmitted(config.linkNames),
    text: orOmitted(text),
    attachments: [attachment(config, expander)],
  };
}

function attachment(config: SlackConfig, expander: MessageExpander): GoJsonValue {
  const values = {
    titleLink: expander.value("title_link", config.titleLink),
    fallback: expander.line("fallback", config.fallback),
    callbackId: expander.value("callback_id", config.callbackId),
    imageUrl: expander.value("image_url", config.imageUrl),
    thumbUrl: expander.value("thumb_url", config.thumbUrl),
    color: expander.value("color", config.color),
    actions: config.actions.map((action) => actionJson(action, expander)),
  };
  const fields = config.fields.map((field) => ({
    title: orOmitted(expander.line("fields.title", field.title)),
    value: orOmitted(expander.line("fields.value", field.value)),
    short: field.isShort ?? config.shortFields,
  }));
  const pretext = expander.text("pretext", config.pretext);
  const footer = expander.line("footer", config.footer);
  const title = truncateRunes(expander.line("title", config.title), MAX_TITLE_RUNES);
  const text = expander.withProblems(expander.text("text", config.text));
  return {
    title: orOmitted(title),
    title_link: orOmitted(values.titleLink),
    pretext: orOmitted(pretext),
    text,
    fallback: values.fallback,
    callback_id: values.callbackId,
    fields: orOmitted(fields),
    actions: orOmitted(values.actions),
    image_url: orOmitted(values.imageUrl),
    thumb_url: orOmitted(values.thumbUrl),
    footer,
    color: orOmitted(values.color),
    mrkdwn_in: config.mrkdwnIn.length === 0 ? DEFAULT_MRKDWN_IN : config.mrkdwnIn,
  };
}

function actionJson(action: SlackAction, expander: MessageExpander): GoJsonValue {
  const { confirm } = action;
  const value = (field: string, template: string): string | undefined =>
    orOmitted(expander.value(`actions.${field}`, template));
  return {
    type: value("type", action.type),
    text: value("text", action.text),
    url: value("url", action.url),
    style: value("style", action.style),
    name: value("name", action.name),
    value: value("value", action.value),
    confirm: confirm && {
      text: value("confirm.text", confirm.text),
      title: value("confirm.title", confirm.title),
      ok_text: value("confirm.ok_text", confirm.okText),
      dismiss_text: value("confirm.dismiss_text", confirm.dismissText),
    },
  };
}
