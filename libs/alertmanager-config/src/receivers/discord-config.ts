import type { Secret } from "@monotreme/prometheus-config";
import type { HttpIntegrationConfig } from "./integration-config.ts";

/** One entry of `discord_configs`; all texts are templates. */
export interface DiscordConfig extends HttpIntegrationConfig {
  readonly webhookUrl: Secret | undefined;
  readonly webhookUrlFile: string | undefined;
  readonly content: string;
  readonly title: string;
  readonly message: string;
  readonly username: string;
  readonly avatarUrl: string;
}
