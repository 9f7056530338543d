import type { Sigv4Config } from "@monotreme/alertmanager-config";
import type { Environment } from "@monotreme/http-client";

import { DeliveryError } from "../delivery-error.ts";
import type { ServiceClient } from "../delivery/service-client.ts";
import type { AwsCredentials } from "./aws-credentials.ts";
import { formBody, signedHeaders } from "./aws-request.ts";

const SESSION_NAME = "alertmanager";
/** Credentials that end sooner are asked for anew. */
const LEAST_REST_MS = 5 * 60_000;

export interface AssumedRoleOptions {
  readonly client: ServiceClient;
  readonly environment: Environment;
  now(): number;
}

/** Takes on the configured role at AWS' token service and keeps its credentials until shortly before they end. */
export class AssumedRole {
  readonly #config: Sigv4Config;
  readonly #options: AssumedRoleOptions;
  #kept: { readonly credentials: AwsCredentials; readonly endMs: number } | undefined;

  constructor(config: Sigv4Config, options: AssumedRoleOptions) {
    this.#config = config;
    this.#options = options;
  }

  async credentials(own: AwsCredentials, region: string, signal: AbortSignal): Promise<AwsCredentials> {
    const nowMs = this.#options.now();
    if (this.#kept !== undefined && nowMs < this.#kept.endMs - LEAST_REST_MS) return this.#kept.credentials;
    const { client, environment } = this.#options;
    const url = environment.AWS_ENDPOINT_URL_STS ?? `https://sts.${region}.amazonaws.com/`;
    const { roleArn, externalId } = this.#config;
    const body = formBody([
      ["Action", "AssumeRole"],
      ["Version", "2011-06-15"],
      ["RoleArn", roleArn],
      ["RoleSessionName", SESSION_NAME],
      ...(externalId === "" ? [] : [["ExternalId", externalId] as const]),
    ]);
    const headers = signedHeaders({ service: "sts", region, url, body }, own, nowMs);
    const answer = await client.deliver({ url, headers, body, signal, secrets: [own.secretAccessKey] });
    this.#kept = readCredentials(answer.text);
    return this.#kept.credentials;
  }
}

/** The four values of an answer of `AssumeRole`, which is XML of a fixed form. */
function readCredentials(xml: string): { credentials: AwsCredentials; endMs: number } {
  const valueOf = (name: string): string => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1]?.trim() ?? "";
  const accessKeyId = valueOf("AccessKeyId");
  const secretAccessKey = valueOf("SecretAccessKey");
  const sessionToken = valueOf("SessionToken");
  const endMs = Date.parse(valueOf("Expiration"));
  if (accessKeyId === "" || secretAccessKey === "" || sessionToken === "" || Number.isNaN(endMs)) {
    throw new DeliveryError("SNS: the token service gave no credentials", { isRetryable: true, reason: "authError" });
  }
  return { credentials: { accessKeyId, secretAccessKey, sessionToken }, endMs };
}
