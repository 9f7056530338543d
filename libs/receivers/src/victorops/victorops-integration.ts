import type { VictoropsConfig } from "@monotreme/alertmanager-config";

import { readSecret } from "../delivery/read-secret.ts";
import { ServiceClient } from "../delivery/service-client.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";
import { truncateRunes } from "../truncate-text.ts";

const MAX_MESSAGE_RUNES = 20_480;
const FIRING_TYPES = new Set(["INFO", "WARNING", "CRITICAL"]);

/** Keeps one incident in Splunk On-Call (VictorOps) for each group; resolved groups send RECOVERY. */
export class VictoropsIntegration implements Integration {
  readonly name = "victorops";
  readonly #config: VictoropsConfig;
  readonly #context: IntegrationContext;
  readonly #client: ServiceClient;

  constructor(config: VictoropsConfig, context: IntegrationContext) {
    this.#config = config;
    this.#context = context;
    this.#client = new ServiceClient(config.httpConfig, context);
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const { apiKey, apiKeyFile, apiUrl, routingKey } = this.#config;
    const expander = new MessageExpander(this.name, notification, this.#context);
    const key = await readSecret(apiKey, apiKeyFile);
    const path = `${key}/${encodeURIComponent(expander.required("routing_key", routingKey))}`;
    const url = `${apiUrl.replace(/\/*$/, "/")}${path}`;
    await this.#client.deliver({ url, json: this.#message(notification, expander), signal, secrets: [key] });
    return {};
  }

  close(): void {
    this.#client.close();
  }

  #message(notification: Notification, expander: MessageExpander): ReadonlyMap<string, string> {
    const config = this.#config;
    const custom = Object.entries(config.customFields).map(
      ([name, text]) => [name, expander.value(`custom_fields.${name}`, text)] as const,
    );
    const values = {
      message_type: this.#messageType(notification, expander),
      entity_id: notification.groupKeyHash,
      monitoring_tool: expander.value("monitoring_tool", config.monitoringTool),
      entity_display_name: expander.line("entity_display_name", config.entityDisplayName),
    };
    const message = expander.withProblems(expander.text("state_message", config.stateMessage));
    const stateMessage = truncateRunes(message, MAX_MESSAGE_RUNES);
    return new Map([...Object.entries(values), ["state_message", stateMessage] as const, ...custom]);
  }

  #messageType(notification: Notification, expander: MessageExpander): string {
    if (notification.data.status === "resolved") return "RECOVERY";
    const type = expander.value("message_type", this.#config.messageType);
    return FIRING_TYPES.has(type) ? type : "CRITICAL";
  }
}
