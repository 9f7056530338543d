import type { MattermostAttachment } from "@monotreme/alertmanager-config";

import { type GoJsonValue, orOmitted } from "../delivery/go-json.ts";
import type { MessageExpander } from "../templates/message-expander.ts";
import { truncateRunes } from "../truncate-text.ts";

/** Mattermost's bound of a text, in characters. */
export const MAX_TEXT_RUNES = 16_383;

/** An attachment with its templates expanded; empty fields are left out. */
export function composeAttachment(config: MattermostAttachment, expander: MessageExpander): GoJsonValue {
  const value = (field: string, template: string): string | undefined => orOmitted(expander.value(field, template));
  const head = {
    fallback: value("fallback", config.fallback),
    color: value("color", config.color),
    pretext: value("pretext", config.pretext),
  };
  const author = {
    author_name: value("author_name", config.authorName),
    author_link: value("author_link", config.authorLink),
    author_icon: value("author_icon", config.authorIcon),
  };
  const fields = config.fields.map(({ title, value: text, isShort }) => ({
    title: value("fields.title", title),
    value: value("fields.value", text),
    short: isShort,
  }));
  const links = {
    title: orOmitted(expander.line("title", config.title)),
    title_link: value("title_link", config.titleLink),
    fields: orOmitted(fields),
    thumb_url: value("thumb_url", config.thumbUrl),
    footer: value("footer", config.footer),
    footer_icon: value("footer_icon", config.footerIcon),
    image_url: value("image_url", config.imageUrl),
  };
  // Last, because it also tells which other templates failed.
  const text = truncateRunes(expander.withProblems(expander.text("text", config.text)), MAX_TEXT_RUNES);
  return { ...head, text: orOmitted(text), ...author, ...links };
}
