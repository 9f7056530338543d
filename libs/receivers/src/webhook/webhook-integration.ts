import type { WebhookConfig } from "@monotreme/alertmanager-config";
import { withAlerts } from "../create-notification.ts";
import { DeliveryError } from "../delivery-error.ts";
import type { GoJsonValue } from "../delivery/go-json.ts";
import { readSecret } from "../delivery/read-secret.ts";
import { ServiceClient } from "../delivery/service-client.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { expandFreeValue } from "../templates/expand-free-value.ts";
import { MessageExpander } from "../templates/message-expander.ts";
import { webhookBody } from "./webhook-body.ts";

/** Posts the alerts as JSON of version 4, or the configured payload. */
export class WebhookIntegration implements Integration {
  readonly name = "webhook";
  readonly #config: WebhookConfig;
  readonly #context: IntegrationContext;
  readonly #client: ServiceClient;

  constructor(config: WebhookConfig, context: IntegrationContext) {
    this.#config = config;
    this.#context = context;
    this.#client = new ServiceClient(config.httpConfig, context);
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const { maxAlerts, timeoutMs } = this.#config;
    const shown = maxAlerts > 0 ? notification.alerts.slice(0, maxAlerts) : notification.alerts;
    const cut = withAlerts(notification, shown);
    const expander = new MessageExpander(this.name, cut, this.#context);
    const url = expander.required("url", await readSecret(this.#config.url, this.#config.urlFile));
    if (url === "") throw new DeliveryError("the url is empty", { isRetryable: false, reason: "clientError" });
    const json = this.#body(cut, notification.alerts.length - shown.length, expander);
    await this.#client.deliver({ url, json, signal, timeoutMs });
    return {};
  }

  close(): void {
    this.#client.close();
  }

  #body(notification: Notification, truncatedAlerts: number, expander: MessageExpander): GoJsonValue {
    const { payload } = this.#config;
    if (payload === undefined) return webhookBody(notification, truncatedAlerts);
    return expandFreeValue("payload", payload, expander);
  }
}
