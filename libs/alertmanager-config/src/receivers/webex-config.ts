import type { HttpIntegrationConfig } from "./integration-config.ts";

/** One entry of `webex_configs`; its `httpConfig` always has an authorization. */
export interface WebexConfig extends HttpIntegrationConfig {
  readonly apiUrl: string;
  readonly message: string;
  readonly roomId: string;
}
