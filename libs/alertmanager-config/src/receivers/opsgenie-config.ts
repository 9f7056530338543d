import type { Secret } from "@monotreme/prometheus-config";
import type { HttpIntegrationConfig } from "./integration-config.ts";

/** Who is told; at least one of id, name and username is given. All are templates. */
export interface OpsgenieResponder {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  /** team, teams, user, escalation, schedule, or a template of one. */
  readonly type: string;
}

/** One entry of `opsgenie_configs`; all texts are templates. `apiUrl` ends in a slash. */
export interface OpsgenieConfig extends HttpIntegrationConfig {
  readonly apiKey: Secret | undefined;
  readonly apiKeyFile: string | undefined;
  readonly apiUrl: string;
  readonly message: string;
  readonly description: string;
  readonly source: string;
  readonly details: Readonly<Record<string, string>>;
  readonly entity: string;
  readonly responders: readonly OpsgenieResponder[];
  readonly actions: string;
  readonly tags: string;
  readonly note: string;
  readonly priority: string;
  readonly updateAlerts: boolean;
}
