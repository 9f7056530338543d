import type { Secret } from "@monotreme/prometheus-config";
import type { HttpIntegrationConfig } from "./integration-config.ts";

/** One entry of `msteams_configs`, for the old connectors; all texts are templates. */
export interface MsteamsConfig extends HttpIntegrationConfig {
  readonly webhookUrl: Secret | undefined;
  readonly webhookUrlFile: string | undefined;
  readonly title: string;
  readonly summary: string;
  readonly text: string;
}

/** One entry of `msteamsv2_configs`, for workflows; all texts are templates. */
export interface Msteamsv2Config extends HttpIntegrationConfig {
  readonly webhookUrl: Secret | undefined;
  readonly webhookUrlFile: string | undefined;
  readonly title: string;
  readonly text: string;
}
