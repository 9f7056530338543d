import type { Secret } from "@monotreme/prometheus-config";
import type { HttpIntegrationConfig } from "./integration-config.ts";

/** One entry of `wechat_configs`; all texts are templates. `apiUrl` ends in a slash. */
export interface WechatConfig extends HttpIntegrationConfig {
  readonly apiSecret: Secret | undefined;
  readonly apiSecretFile: string | undefined;
  readonly corpId: string;
  readonly message: string;
  readonly apiUrl: string;
  readonly toUser: string;
  readonly toParty: string;
  readonly toTag: string;
  readonly agentId: string;
  readonly messageType: "text" | "markdown";
}
