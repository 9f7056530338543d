import type { TelegramConfig } from "@monotreme/alertmanager-config";
import { DeliveryError } from "../delivery-error.ts";
import { orOmitted } from "../delivery/go-json.ts";
import { readSecret } from "../delivery/read-secret.ts";
import { type ServiceAnswer, ServiceClient, type ServiceRequest } from "../delivery/service-client.ts";
import { reasonOfStatus } from "../delivery/status-error.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { escapeHtml } from "../templates/escape-html.ts";
import { MessageExpander } from "../templates/message-expander.ts";
import { plainAlertList, plainSubject } from "../templates/plain-text.ts";
import { truncateRunes } from "../truncate-text.ts";
import { readTelegramAnswer } from "./telegram-answer.ts";

const MAX_MESSAGE_RUNES = 4096;

/** Sends messages by a Telegram bot. */
export class TelegramIntegration implements Integration {
  readonly name = "telegram";
  readonly #config: TelegramConfig;
  readonly #context: IntegrationContext;
  readonly #client: ServiceClient;

  constructor(config: TelegramConfig, context: IntegrationContext) {
    this.#config = config;
    this.#context = context;
    this.#client = new ServiceClient(config.httpConfig, context);
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const config = this.#config;
    const token = await readSecret(config.botToken, config.botTokenFile);
    const chatId = config.chatId ?? (await readSecret(undefined, config.chatIdFile));
    const text = this.#text(notification);
    const request = {
      url: `${config.apiUrl.replace(/\/+$/, "")}/bot${token}/sendMessage`,
      secrets: [token],
      signal,
      timeoutMs: config.timeoutMs,
    };
    const message = this.#message(chatId, text, config.parseMode);
    const answer = await this.#client.send({ ...request, json: message });
    if (answer.status === 400 && config.parseMode !== "") {
      await this.#sendPlain(notification, chatId, request, answer);
    } else {
      checkAnswer(answer, this.#client.refusal(answer, { ...request, details: detailsOf }));
    }
    return {};
  }

  close(): void {
    this.#client.close();
  }

  /** Markup that Telegram cannot read must not cost the message: it goes out again as plain text, with the reason. */
  async #sendPlain(
    notification: Notification,
    chatId: string,
    request: ServiceRequest,
    refused: ServiceAnswer,
  ): Promise<void> {
    const reason = detailsOf(refused);
    const text = [
      plainSubject(notification.data),
      `Telegram refused the message: ${reason}`,
      plainAlertList(notification.data),
    ];
    const plain = truncateRunes(text.join("\n"), MAX_MESSAGE_RUNES);
    const answer = await this.#client.send({ ...request, json: this.#message(chatId, plain, "") });
    checkAnswer(answer, this.#client.refusal(answer, { ...request, details: detailsOf }));
    this.#context.logger.warn(
      { integration: this.name, receiver: notification.receiver, reason },
      "a message was refused and sent again as plain text",
    );
  }

  #message(chatId: string, text: string, parseMode: string): NonNullable<ServiceRequest["json"]> {
    return {
      chat_id: /^-?\d+$/.test(chatId) ? BigInt(chatId) : chatId,
      text,
      parse_mode: orOmitted(parseMode),
      disable_web_page_preview: true,
      disable_notification: orOmitted(this.#config.disableNotifications),
      message_thread_id: orOmitted(this.#config.messageThreadId),
    };
  }

  #text(notification: Notification): string {
    const { message, parseMode } = this.#config;
    const expander = new MessageExpander(this.name, notification, this.#context);
    if (parseMode !== "HTML") return truncateRunes(expander.text("message", message), MAX_MESSAGE_RUNES);
    const html = expander.html("message", message);
    if (Array.from(html).length <= MAX_MESSAGE_RUNES) return html;
    // Cut anywhere, HTML would lose closing tags and be refused.
    const lines = [
      plainSubject(notification.data),
      "The message is longer than Telegram allows.",
      plainAlertList(notification.data),
    ];
    return escapeHtml(truncateRunes(lines.join("\n"), MAX_MESSAGE_RUNES / 8));
  }
}

/** As upstream: whatever Telegram says but success may be tried again. */
function checkAnswer(answer: ServiceAnswer, refusal: DeliveryError): void {
  const { isOk, retryAfterSeconds } = readTelegramAnswer(answer.text);
  if (answer.status >= 200 && answer.status < 300 && isOk) return;
  throw new DeliveryError(refusal.message, {
    isRetryable: true,
    reason: reasonOfStatus(answer.status),
    retryAfterMs: retryAfterSeconds === undefined ? refusal.retryAfterMs : retryAfterSeconds * 1000,
  });
}

function detailsOf(answer: ServiceAnswer): string {
  return readTelegramAnswer(answer.text).description;
}
