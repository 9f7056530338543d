import type { Secret } from "@monotreme/prometheus-config";
import type { HttpIntegrationConfig } from "./integration-config.ts";

/** How requests to AWS are signed; what is not given comes from the environment as AWS' own clients do it. */
export interface Sigv4Config {
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: Secret | undefined;
  readonly profile: string;
  readonly roleArn: string;
  readonly externalId: string;
}

/** One entry of `sns_configs`; exactly one of topic, phone number and target is given. All texts are templates. */
export interface SnsConfig extends HttpIntegrationConfig {
  readonly apiUrl: string;
  readonly sigv4: Sigv4Config;
  readonly topicArn: string;
  readonly phoneNumber: string;
  readonly targetArn: string;
  readonly subject: string;
  readonly message: string;
  readonly attributes: Readonly<Record<string, string>>;
}
