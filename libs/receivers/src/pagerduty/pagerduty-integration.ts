import type { PagerdutyConfig } from "@monotreme/alertmanager-config";
import { DeliveryError } from "../delivery-error.ts";
import { parseJsonObject, textMember } from "../delivery/parse-json-object.ts";
import { readSecret } from "../delivery/read-secret.ts";
import { type ServiceAnswer, ServiceClient } from "../delivery/service-client.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";
import { eventV1, eventV2 } from "./pagerduty-event.ts";

const EVENTS_V1_URL = "https://events.pagerduty.com/generic/2010-04-15/create_event.json";

/** Triggers and resolves incidents; the group key's hash tells them apart. */
export class PagerdutyIntegration implements Integration {
  readonly name = "pagerduty";
  readonly #config: PagerdutyConfig;
  readonly #context: IntegrationContext;
  readonly #client: ServiceClient;
  readonly #eventsV1Url: string;

  constructor(config: PagerdutyConfig, context: IntegrationContext, eventsV1Url = EVENTS_V1_URL) {
    this.#config = config;
    this.#context = context;
    this.#client = new ServiceClient(config.httpConfig, context);
    this.#eventsV1Url = eventsV1Url;
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const { serviceKey, serviceKeyFile, routingKey, routingKeyFile, timeoutMs, url } = this.#config;
    const expander = new MessageExpander(this.name, notification, this.#context);
    const isV1 = serviceKey !== undefined || serviceKeyFile !== undefined;
    const key = isV1
      ? expander.required("service_key", await readSecret(serviceKey, serviceKeyFile))
      : expander.required("routing_key", await readSecret(routingKey, routingKeyFile));
    if (key === "") throw new DeliveryError("the key is empty", { isRetryable: false, reason: "clientError" });
    const common = { secrets: [key], signal, timeoutMs, details: detailsOfRefusal };
    if (isV1) {
      const json = eventV1(notification, this.#config, key, expander);
      // Version 1 says "too many requests" by 403.
      await this.#client.deliver({ ...common, url: this.#eventsV1Url, json, retriedStatuses: [403] });
    } else {
      await this.#client.deliver({ ...common, url, json: eventV2(notification, this.#config, key, expander) });
    }
    return {};
  }

  close(): void {
    this.#client.close();
  }
}

/** Only 400 comes with an explanation worth telling. */
function detailsOfRefusal(answer: ServiceAnswer): string {
  if (answer.status !== 400) return "";
  const refusal = parseJsonObject(answer.text);
  const errors = refusal?.["errors"];
  const list = Array.isArray(errors) ? errors.map(String).join(",") : "";
  return refusal === undefined ? answer.text : `${textMember(refusal, "message")}: ${list}`;
}
