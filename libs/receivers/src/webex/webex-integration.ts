import type { WebexConfig } from "@monotreme/alertmanager-config";

import { orOmitted } from "../delivery/go-json.ts";
import { ServiceClient } from "../delivery/service-client.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";
import { truncateBytes } from "../truncate-text.ts";

/** Webex's bound of a message. */
const MAX_MESSAGE_BYTES = 7_439;

/** Posts a markdown message to a room of Webex, with the authorization of its `http_config`. */
export class WebexIntegration implements Integration {
  readonly name = "webex";
  readonly #config: WebexConfig;
  readonly #context: IntegrationContext;
  readonly #client: ServiceClient;

  constructor(config: WebexConfig, context: IntegrationContext) {
    this.#config = config;
    this.#context = context;
    this.#client = new ServiceClient(config.httpConfig, context);
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const expander = new MessageExpander(this.name, notification, this.#context);
    const roomId = expander.required("room_id", this.#config.roomId);
    const markdown = truncateBytes(expander.text("message", this.#config.message), MAX_MESSAGE_BYTES);
    await this.#client.deliver({ url: this.#config.apiUrl, json: { markdown, roomId: orOmitted(roomId) }, signal });
    return {};
  }

  close(): void {
    this.#client.close();
  }
}
