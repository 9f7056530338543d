import type { Secret } from "@monotreme/prometheus-config";
import type { HttpIntegrationConfig } from "./integration-config.ts";

/** One entry of `victorops_configs`; all texts are templates. `apiUrl` ends in a slash. */
export interface VictoropsConfig extends HttpIntegrationConfig {
  readonly apiKey: Secret | undefined;
  readonly apiKeyFile: string | undefined;
  readonly apiUrl: string;
  readonly routingKey: string;
  readonly messageType: string;
  readonly stateMessage: string;
  readonly entityDisplayName: string;
  readonly monitoringTool: string;
  readonly customFields: Readonly<Record<string, string>>;
}
