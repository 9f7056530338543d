import type { RocketchatConfig } from "@monotreme/alertmanager-config";

import { DeliveryError } from "../delivery-error.ts";
import { type GoJsonValue, orOmitted } from "../delivery/go-json.ts";
import { parseJsonObject, textMember } from "../delivery/parse-json-object.ts";
import { readSecret } from "../delivery/read-secret.ts";
import { redactText } from "../delivery/redact-text.ts";
import { ServiceClient } from "../delivery/service-client.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";
import { truncateRunes } from "../truncate-text.ts";

const MAX_TITLE_RUNES = 1024;

/** Posts a message to a channel of Rocket.Chat as the user of its token. */
export class RocketchatIntegration implements Integration {
  readonly name = "rocketchat";
  readonly #config: RocketchatConfig;
  readonly #context: IntegrationContext;
  readonly #client: ServiceClient;

  constructor(config: RocketchatConfig, context: IntegrationContext) {
    this.#config = config;
    this.#context = context;
    this.#client = new ServiceClient(config.httpConfig, context);
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const { apiUrl, token, tokenFile, tokenId, tokenIdFile } = this.#config;
    const expander = new MessageExpander(this.name, notification, this.#context);
    const authToken = await readSecret(token, tokenFile);
    const userId = await readSecret(tokenId, tokenIdFile);
    const answer = await this.#client.deliver({
      url: `${apiUrl.replace(/\/*$/, "/")}api/v1/chat.postMessage`,
      headers: { "x-auth-token": authToken, "x-user-id": userId },
      json: this.#message(expander),
      signal,
      secrets: [authToken, userId],
    });
    checkAnswer(answer.text, [authToken, userId]);
    return {};
  }

  close(): void {
    this.#client.close();
  }

  #message(expander: MessageExpander): GoJsonValue {
    const config = this.#config;
    const value = (field: string, template: string): string | undefined => orOmitted(expander.value(field, template));
    const options = {
      channel: value("channel", config.channel),
      emoji: value("emoji", config.emoji),
      avatar: value("icon_url", config.iconUrl),
    };
    return { ...options, attachments: [this.#attachment(expander, value)] };
  }

  #attachment(
    expander: MessageExpander,
    value: (field: string, template: string) => string | undefined,
  ): Record<string, GoJsonValue> {
    const config = this.#config;
    const title = orOmitted(truncateRunes(expander.line("title", config.title), MAX_TITLE_RUNES));
    const titleLink = value("title_link", config.titleLink);
    const fields = config.fields.map((field) => ({
      short: field.isShort ?? config.shortFields,
      title: value("fields.title", field.title),
      value: value("fields.value", field.value),
    }));
    const actions = config.actions.map((action) => ({
      type: "button",
      text: value("actions.text", action.text),
      url: value("actions.url", action.url),
      is_webview: false,
      msg: value("actions.msg", action.msg),
      msg_in_chat_window: false,
    }));
    const rest = {
      image_url: value("image_url", config.imageUrl),
      thumb_url: value("thumb_url", config.thumbUrl),
      color: value("color", config.color),
      fields: orOmitted(fields),
      actions: orOmitted(actions),
    };
    const text = orOmitted(expander.withProblems(expander.text("text", config.text)));
    return { title, title_link: titleLink, text, ...rest };
  }
}

/** Rocket.Chat may refuse with status 200; an answer that is no JSON is none of its own and may get better. */
function checkAnswer(text: string, secrets: readonly string[]): void {
  const json = parseJsonObject(text);
  if (json === undefined)
    throw new DeliveryError("the answer is no JSON", { isRetryable: true, reason: "clientError" });
  if (json["success"] === true) return;
  const said = redactText(truncateRunes(textMember(json, "error"), 300), secrets);
  throw new DeliveryError(`Rocket.Chat refused the message: ${said}`, { isRetryable: false, reason: "clientError" });
}
