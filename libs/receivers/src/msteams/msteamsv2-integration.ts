import type { Msteamsv2Config } from "@monotreme/alertmanager-config";

import type { GoJsonValue } from "../delivery/go-json.ts";
import { readSecret } from "../delivery/read-secret.ts";
import { ServiceClient } from "../delivery/service-client.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";
import { truncateBytes } from "../truncate-text.ts";

/** Teams takes messages up to 28 KB; what stands around the text and escapes in it need their share. */
const MAX_TITLE_BYTES = 1_024;
const MAX_TEXT_BYTES = 20_000;

/** Posts an adaptive card to a workflow of Microsoft Teams. */
export class Msteamsv2Integration implements Integration {
  readonly name = "msteamsv2";
  readonly #config: Msteamsv2Config;
  readonly #context: IntegrationContext;
  readonly #client: ServiceClient;

  constructor(config: Msteamsv2Config, context: IntegrationContext) {
    this.#config = config;
    this.#context = context;
    this.#client = new ServiceClient(config.httpConfig, context);
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const { webhookUrl, webhookUrlFile } = this.#config;
    const url = await readSecret(webhookUrl, webhookUrlFile);
    await this.#client.deliver({ url, json: this.#message(notification), signal });
    return {};
  }

  close(): void {
    this.#client.close();
  }

  #message(notification: Notification): GoJsonValue {
    const expander = new MessageExpander(this.name, notification, this.#context);
    const title = {
      type: "TextBlock",
      text: truncateBytes(expander.line("title", this.#config.title), MAX_TITLE_BYTES),
      weight: "Bolder",
      size: "Medium",
      wrap: true,
      style: "heading",
      color: notification.data.status === "firing" ? "Attention" : "Good",
    };
    const text = {
      type: "TextBlock",
      text: truncateBytes(expander.text("text", this.#config.text), MAX_TEXT_BYTES),
      wrap: true,
    };
    const content = {
      $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
      type: "AdaptiveCard",
      version: "1.2",
      body: [title, text],
      msteams: { width: "full" },
    };
    const contentType = "application/vnd.microsoft.card.adaptive";
    return { type: "message", attachments: [{ contentType, contentUrl: null, content }] };
  }
}
