import type { MsteamsConfig } from "@monotreme/alertmanager-config";

import { readSecret } from "../delivery/read-secret.ts";
import { ServiceClient } from "../delivery/service-client.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";

const RED = "8C1A1A";
const GREEN = "2DC72D";

/** Posts a message card to one of Microsoft's old connectors. */
export class MsteamsIntegration implements Integration {
  readonly name = "msteams";
  readonly #config: MsteamsConfig;
  readonly #context: IntegrationContext;
  readonly #client: ServiceClient;

  constructor(config: MsteamsConfig, context: IntegrationContext) {
    this.#config = config;
    this.#context = context;
    this.#client = new ServiceClient(config.httpConfig, context);
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const { title, summary, text, webhookUrl, webhookUrlFile } = this.#config;
    const expander = new MessageExpander(this.name, notification, this.#context);
    // The type's name is upstream's, without the sign that Microsoft's schema has: what answers here is used to it.
    const json = {
      "@context": "http://schema.org/extensions",
      type: "MessageCard",
      title: expander.line("title", title),
      summary: expander.line("summary", summary),
      text: expander.text("text", text),
      themeColor: notification.data.status === "firing" ? RED : GREEN,
    };
    const url = await readSecret(webhookUrl, webhookUrlFile);
    await this.#client.deliver({ url, json, signal });
    return {};
  }

  close(): void {
    this.#client.close();
  }
}
