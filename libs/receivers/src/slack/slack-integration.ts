import type { SlackConfig } from "@monotreme/alertmanager-config";
import { DeliveryError } from "../delivery-error.ts";
import { readSecret } from "../delivery/read-secret.ts";
import { ServiceClient } from "../delivery/service-client.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";
import { readSlackAnswer, type SlackAnswer } from "./slack-answer.ts";
import { type ShownMessage, slackMessage } from "./slack-message.ts";

/** Errors of `chat.update` that say the message cannot be changed any more; a new one can be sent. */
const NOT_UPDATABLE: ReadonlySet<string> = new Set([
  "message_not_found",
  "cant_update_message",
  "edit_window_closed",
  "channel_not_found",
]);
const RATE_LIMITED: ReadonlySet<string> = new Set(["ratelimited", "rate_limited"]);

/** Where messages go, and with which token. */
interface SlackAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/** Posts to an incoming webhook or, with an app's token, to the Web API, which can also change a shown message. */
export class SlackIntegration implements Integration {
  readonly name = "slack";
  readonly #config: SlackConfig;
  readonly #context: IntegrationContext;
  readonly #client: ServiceClient;

  constructor(config: SlackConfig, context: IntegrationContext) {
    this.#config = config;
    this.#context = context;
    this.#client = new ServiceClient(config.httpConfig, context);
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const address = await this.#address();
    const shown = this.#config.updateMessage ? shownMessage(notification) : undefined;
    let answer = await this.#post(notification, address, shown, signal);
    if (answer.kind === "refused" && shown !== undefined && NOT_UPDATABLE.has(answer.error)) {
      answer = await this.#post(notification, address, undefined, signal);
    }
    if (answer.kind === "refused") throw refusal(answer.error);
    if (!this.#config.updateMessage) return {};
    // What fires after all was resolved is told by a message of its own: an old one that changes is not noticed.
    const isOver = notification.data.status === "resolved";
    return { receiverData: isOver || answer.message === undefined ? {} : memoryOf(answer.message) };
  }

  close(): void {
    this.#client.close();
  }

  async #address(): Promise<SlackAddress> {
    const { apiUrl, apiUrlFile, appToken, appTokenFile, appUrl } = this.#config;
    const hasOwnUrl = apiUrl !== undefined || apiUrlFile !== undefined;
    const url = hasOwnUrl ? await readSecret(apiUrl, apiUrlFile) : appUrl;
    const token = await readSecret(appToken, appTokenFile);
    const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
    return { url, headers, secrets: [token] };
  }

  async #post(
    notification: Notification,
    address: SlackAddress,
    shown: ShownMessage | undefined,
    signal: AbortSignal,
  ): Promise<SlackAnswer> {
    const expander = new MessageExpander(this.name, notification, this.#context);
    const channel = expander.value("channel", this.#config.channel);
    const url = shown === undefined ? address.url : updateUrl(address.url);
    const json = slackMessage(this.#config, channel, shown, expander);
    const { timeoutMs } = this.#config;
    return readSlackAnswer(await this.#client.deliver({ ...address, url, json, signal, timeoutMs }));
  }
}

function shownMessage(notification: Notification): ShownMessage | undefined {
  const { threadTs: ts = "", channelId: channel = "" } = notification.receiverData;
  return ts === "" || channel === "" ? undefined : { ts, channel };
}

/** Upstream's names, so that both can read a log of the other. */
function memoryOf(message: ShownMessage): Readonly<Record<string, string>> {
  return { threadTs: message.ts, channelId: message.channel };
}

/** `chat.update` beside the configured method of the same API. */
function updateUrl(address: string): string {
  if (!URL.canParse(address)) return address;
  return new URL("chat.update", new URL(new URL(address).pathname.replace(/\/$/, ""), address)).href;
}

function refusal(error: string): DeliveryError {
  const isRateLimit = RATE_LIMITED.has(error);
  return new DeliveryError(`error response from Slack: ${error}`, {
    isRetryable: isRateLimit,
    reason: isRateLimit ? "rateLimited" : "clientError",
  });
}
