import { HttpClient, HttpClientError } from "@monotreme/http-client";
import { DeliveryError } from "@monotreme/receivers";
import { MONOTREME_VERSION } from "@monotreme/telemetry";
import type { WebhookChannel, WebhookRequest } from "../projects/channel-config.ts";
import type { ChannelMessage, MessageSender } from "./channel-message.ts";
import { fillPlaceholders, type PlaceholderValues } from "./placeholders.ts";

const MAX_ANSWER_BYTES = 64 * 1024;
const TIMEOUT_MS = 30_000;

/** Sends a channel's own request, with the placeholders of Healthchecks filled in. */
export class WebhookSender implements MessageSender {
  readonly #channel: WebhookChannel;
  readonly #client = new HttpClient({
    basicAuth: undefined,
    authorization: undefined,
    tls: undefined,
    followRedirects: true,
    headers: {},
  });

  constructor(channel: WebhookChannel) {
    this.#channel = channel;
  }

  async send(message: ChannelMessage, signal: AbortSignal): Promise<void> {
    const request = message.status === "down" ? this.#channel.down : this.#channel.up;
    if (request === undefined) return;
    const status = await this.#request(request, await message.placeholders(), signal);
    if (status >= 200 && status < 300) return;
    throw new DeliveryError(`the server answered ${status}`, {
      isRetryable: status >= 500 || status === 408 || status === 429,
      reason: status >= 500 ? "serverError" : "clientError",
    });
  }

  close(): void {
    this.#client.close();
  }

  async #request(request: WebhookRequest, values: PlaceholderValues, outer: AbortSignal): Promise<number> {
    const { method, url, headers, body } = request;
    const filled = Object.entries(headers).map(([name, value]) => {
      return [name, headerText(fillPlaceholders(value.reveal(), values))] as const;
    });
    const hasAgent = filled.some(([name]) => name.toLowerCase() === "user-agent");
    const signal = AbortSignal.any([outer, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      const { status } = await this.#client.request({
        method,
        url: fillPlaceholders(url.reveal(), values, encodeURIComponent),
        headers: {
          ...(hasAgent ? {} : { "user-agent": `monotreme/${MONOTREME_VERSION}` }),
          ...Object.fromEntries(filled),
        },
        ...(method === "GET" || body === "" ? {} : { body: fillPlaceholders(body, values) }),
        signal,
        maxBytes: MAX_ANSWER_BYTES,
      });
      return status;
    } catch (error) {
      throw deliveryError(error);
    }
  }
}

/** What no header can hold goes; the rest travels as UTF-8. */
function headerText(text: string): string {
  return Buffer.from(text.replaceAll(/\p{Cc}+/gu, " "), "utf8").toString("latin1");
}

/** Errors of the client name hosts only. */
function deliveryError(error: unknown): unknown {
  if (!(error instanceof HttpClientError)) return error;
  // The server has answered; what it said beyond the bound does not matter.
  const isRetryable = error.reason !== "address" && error.reason !== "body-size";
  return new DeliveryError(error.message, { isRetryable, reason: "other", cause: error });
}
