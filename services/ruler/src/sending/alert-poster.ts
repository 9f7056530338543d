import { AppError } from "@monotreme/errors";
import { type Environment, HttpClient } from "@monotreme/http-client";
import type { AlertmanagerTargetConfig } from "@monotreme/prometheus-config";
import type { AlertPoster } from "./alertmanager-set.ts";

/** An answer of an Alertmanager is short. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** An Alertmanager answered with something else than 2xx. */
export class AlertsRefusedError extends AppError {
  constructor(status: number, text: string) {
    super("ALERTS_REFUSED", "unavailable", `the Alertmanager answered ${status}: ${text.slice(0, 200)}`);
  }
}

/** Posts alerts as `alertmanagers` of `prometheus.yml` says, with its TLS, credentials and proxy. */
export function createAlertPoster(
  config: AlertmanagerTargetConfig,
  options: { readonly userAgent: string; readonly environment: Environment },
): AlertPoster {
  const client = new HttpClient(config.http, { environment: options.environment });
  return {
    async post(url, body, signal) {
      const headers = { "content-type": "application/json", "user-agent": options.userAgent };
      const answer = await client.request({ method: "POST", url, headers, body, signal, maxBytes: MAX_ANSWER_BYTES });
      if (answer.status < 200 || answer.status > 299) {
        throw new AlertsRefusedError(answer.status, Buffer.from(answer.body).toString().trim());
      }
    },
    close: () => client.close(),
  };
}
