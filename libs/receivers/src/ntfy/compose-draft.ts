import type { NtfyConfig } from "@monotreme/alertmanager-config";

import type { IntegrationContext } from "../integration.ts";
import type { Notification, NotificationData } from "../notification.ts";
import { composeButtons } from "./ntfy-buttons.ts";
import { defaultMessage, defaultTitle } from "./ntfy-default-text.ts";
import { isDefaultTemplate, NtfyFields } from "./ntfy-fields.ts";
import { isWebUrl, linksOf } from "./ntfy-links.ts";
import type { NtfyDraft } from "./ntfy-payload.ts";
import { type NtfyPriority, parsePriority, priorityOf, tagsOf } from "./ntfy-priority.ts";
import { textFromMessage } from "./ntfy-text.ts";

/** Where a message stands: its topic, and the sequence that it belongs to. */
export interface DraftAddress {
  readonly topic: string;
  readonly sequenceId: string | undefined;
}

/** Composes one message about these alerts; never fails over a template. */
export async function composeDraft(
  config: NtfyConfig,
  notification: Notification,
  address: DraftAddress,
  context: IntegrationContext,
): Promise<NtfyDraft> {
  const { data } = notification;
  const fields = new NtfyFields(notification, context);
  const priority = composePriority(config, data, fields);
  const draft = {
    ...address,
    title: oneLine(fields.renderOr("title", config.title, () => defaultTitle(data))),
    priority,
    tags: composeTags(config, data, fields, priority),
    click: composeClick(config, data, fields),
    actions: await composeButtons(config, data, fields, context.ntfy?.createSilenceToken),
    icon: webUrl(fields.render("icon", config.icon)),
    attach: webUrl(fields.render("attach", config.attach)),
    filename: fields.render("filename", config.filename),
    markdown: config.markdown,
    delay: fields.render("delay", config.delay),
    email: fields.render("email", config.email),
    call: fields.render("call", config.call),
  };
  const message = fields.renderOr("message", config.message, () => defaultMessage(data)) ?? "";
  return { ...draft, text: textFromMessage(message, fields.footer, config.maxAlerts) };
}

function composePriority(config: NtfyConfig, data: NotificationData, fields: NtfyFields): NtfyPriority | undefined {
  const rendered = fields.renderOr("priority", config.priority, () => String(priorityOf(data)));
  if (rendered === undefined) return undefined;
  return parsePriority(rendered) ?? priorityOf(data);
}

function composeTags(
  config: NtfyConfig,
  data: NotificationData,
  fields: NtfyFields,
  priority: NtfyPriority | undefined,
): string[] {
  const texts = config.tags.map((tag) =>
    fields.renderOr(isDefaultTemplate("tags", tag) ? "tags" : "tag", tag, () =>
      tagsOf(data, priority ?? priorityOf(data)).join(","),
    ),
  );
  const tags = texts.flatMap((text) => (text ?? "").split(",")).map((tag) => tag.trim());
  return [...new Set(tags.filter((tag) => tag !== ""))];
}

function composeClick(config: NtfyConfig, data: NotificationData, fields: NtfyFields): string | undefined {
  return fields.renderOr("click", config.click, () => {
    const { source, runbook, group } = linksOf(data);
    return [source, runbook, group].find((url) => url !== undefined && isWebUrl(url));
  });
}

function oneLine(text: string | undefined): string | undefined {
  return text?.replace(/\s*[\r\n]\s*/g, " ");
}

/** ntfy refuses a message with another kind of address; the message counts more than its picture. */
function webUrl(text: string | undefined): string | undefined {
  return text !== undefined && isWebUrl(text) ? text : undefined;
}
