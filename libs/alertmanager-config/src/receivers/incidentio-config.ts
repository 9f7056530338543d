import type { Secret } from "@monotreme/prometheus-config";
import type { HttpIntegrationConfig } from "./integration-config.ts";

/** One entry of `incidentio_configs`. */
export interface IncidentioConfig extends HttpIntegrationConfig {
  readonly url: string | undefined;
  readonly urlFile: string | undefined;
  readonly alertSourceToken: Secret | undefined;
  readonly alertSourceTokenFile: string | undefined;
  /** 0 means all. */
  readonly maxAlerts: number;
  readonly timeoutMs: number;
}
