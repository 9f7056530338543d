import type { PushoverConfig } from "@monotreme/alertmanager-config";

import { readSecret } from "../delivery/read-secret.ts";
import { ServiceClient } from "../delivery/service-client.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";
import { truncateRunes } from "../truncate-text.ts";

const MESSAGES_URL = "https://api.pushover.net/1/messages.json";

/** Pushover's bounds, in characters. */
const MAX_TITLE_RUNES = 250;
const MAX_MESSAGE_RUNES = 1024;
const MAX_URL_RUNES = 512;
/** Pushover refuses an empty message. */
const EMPTY_MESSAGE = "(no details)";

/** Sends to phones through Pushover; an emergency priority is repeated there until someone confirms it. */
export class PushoverIntegration implements Integration {
  readonly name = "pushover";
  readonly #config: PushoverConfig;
  readonly #context: IntegrationContext;
  readonly #client: ServiceClient;
  readonly #messagesUrl: string;

  /** The service's address is fixed; another one is for tests. */
  constructor(config: PushoverConfig, context: IntegrationContext, messagesUrl: string = MESSAGES_URL) {
    this.#config = config;
    this.#context = context;
    this.#client = new ServiceClient(config.httpConfig, context);
    this.#messagesUrl = messagesUrl;
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const { token, tokenFile, userKey, userKeyFile } = this.#config;
    const expander = new MessageExpander(this.name, notification, this.#context);
    const secrets = {
      token: expander.required("token", await readSecret(token, tokenFile)),
      user: expander.required("user_key", await readSecret(userKey, userKeyFile)),
    };
    await this.#client.deliver({
      url: this.#messagesUrl,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ ...secrets, ...this.#fields(expander) }).toString(),
      signal,
      secrets: Object.values(secrets),
    });
    return {};
  }

  close(): void {
    this.#client.close();
  }

  #fields(expander: MessageExpander): Record<string, string> {
    const config = this.#config;
    const values = {
      url: truncateRunes(expander.value("url", config.url), MAX_URL_RUNES),
      url_title: expander.value("url_title", config.urlTitle),
      priority: expander.value("priority", config.priority, "0"),
      retry: seconds(config.retryMs),
      expire: seconds(config.expireMs),
      device: expander.value("device", config.device),
      sound: expander.value("sound", config.sound),
      ...(config.ttlMs >= 1000 && { ttl: seconds(config.ttlMs) }),
    };
    const title = truncateRunes(expander.line("title", config.title), MAX_TITLE_RUNES);
    const rendered = config.html ? expander.html("message", config.message) : expander.text("message", config.message);
    const message = truncateRunes(expander.withProblems(rendered), MAX_MESSAGE_RUNES).trim();
    return {
      title,
      ...(config.html && { html: "1" }),
      ...(config.monospace && { monospace: "1" }),
      message: message === "" ? EMPTY_MESSAGE : message,
      ...values,
    };
  }
}

function seconds(durationMs: number): string {
  return String(Math.trunc(durationMs / 1000));
}
