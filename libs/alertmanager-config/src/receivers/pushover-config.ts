import type { Secret } from "@monotreme/prometheus-config";
import type { HttpIntegrationConfig } from "./integration-config.ts";

/** One entry of `pushover_configs`; all texts are templates. */
export interface PushoverConfig extends HttpIntegrationConfig {
  readonly userKey: Secret | undefined;
  readonly userKeyFile: string | undefined;
  readonly token: Secret | undefined;
  readonly tokenFile: string | undefined;
  readonly title: string;
  readonly message: string;
  readonly url: string;
  readonly urlTitle: string;
  readonly device: string;
  readonly sound: string;
  readonly priority: string;
  readonly retryMs: number;
  readonly expireMs: number;
  /** 0 means for ever. */
  readonly ttlMs: number;
  readonly html: boolean;
  readonly monospace: boolean;
}
