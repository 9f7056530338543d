import type { IncidentioConfig } from "@monotreme/alertmanager-config";

import { withAlerts } from "../create-notification.ts";
import { goJson, type GoJsonValue } from "../delivery/go-json.ts";
import { parseJsonObject, textMember } from "../delivery/parse-json-object.ts";
import { readSecret } from "../delivery/read-secret.ts";
import { type ServiceAnswer, ServiceClient } from "../delivery/service-client.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { webhookBody } from "../webhook/webhook-body.ts";

/** What incident.io takes, the line end included. */
const MAX_BODY_BYTES = 512 * 1024;

/** Posts the alerts to an alert source of incident.io. */
export class IncidentioIntegration implements Integration {
  readonly name = "incidentio";
  readonly #config: IncidentioConfig;
  readonly #client: ServiceClient;

  constructor(config: IncidentioConfig, context: IntegrationContext) {
    this.#config = config;
    this.#client = new ServiceClient(config.httpConfig, context);
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const { url, urlFile, alertSourceToken, alertSourceTokenFile, timeoutMs } = this.#config;
    const token = await readSecret(alertSourceToken, alertSourceTokenFile);
    await this.#client.deliver({
      url: url ?? (await readSecret(undefined, urlFile)),
      headers: token === "" ? {} : { authorization: `Bearer ${token}` },
      json: this.#body(notification),
      signal,
      timeoutMs,
      secrets: [token],
      details: detailsOf,
    });
    return {};
  }

  close(): void {
    this.#client.close();
  }

  /** All alerts up to the configured number; the first alone where they would be too large. */
  #body(notification: Notification): GoJsonValue {
    const { maxAlerts } = this.#config;
    const shown = maxAlerts > 0 ? notification.alerts.slice(0, maxAlerts) : notification.alerts;
    const body = bodyOf(notification, shown.length);
    return Buffer.byteLength(goJson(body)) + 1 <= MAX_BODY_BYTES ? body : bodyOf(notification, 1);
  }
}

function bodyOf(notification: Notification, shown: number): GoJsonValue {
  const cut = withAlerts(notification, notification.alerts.slice(0, shown));
  const body = webhookBody(cut, notification.alerts.length - shown);
  return isPlain(body) ? { ...body, version: "1" } : body;
}

function isPlain(value: GoJsonValue): value is { readonly [name: string]: GoJsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Map);
}

/** incident.io says what is wrong in one of three members. */
function detailsOf(answer: ServiceAnswer): string {
  const json = parseJsonObject(answer.text);
  const texts = [textMember(json, "message"), textMember(json, "error"), textMember(json, "errors")];
  return texts.filter((text) => text !== "").join(": ");
}
