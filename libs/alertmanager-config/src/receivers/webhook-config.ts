import type { Secret } from "@monotreme/prometheus-config";
import type { FreeValue, HttpIntegrationConfig } from "./integration-config.ts";

/** One entry of `webhook_configs`: the alerts as JSON, or `payload` rendered, by POST. */
export interface WebhookConfig extends HttpIntegrationConfig {
  /** A template; undefined where `urlFile` has the address. */
  readonly url: Secret | undefined;
  readonly urlFile: string | undefined;
  /** Alerts beyond that many are cut off; 0 means all. */
  readonly maxAlerts: number;
  /** 0 means none but the flush's own. */
  readonly timeoutMs: number;
  /** Replaces the standard body; every text in it, keys too, is a template. */
  readonly payload: FreeValue | undefined;
}
