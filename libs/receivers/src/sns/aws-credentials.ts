import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import type { Sigv4Config } from "@monotreme/alertmanager-config";
import { messageOf } from "@monotreme/errors";
import type { Environment } from "@monotreme/http-client";

import { DeliveryError } from "../delivery-error.ts";

/** Who signs a request to AWS. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * The keys of the configuration, else those of the environment, else those of the shared credentials file. A profile
 * that is named goes before the environment, as with AWS' own clients.
 */
export async function awsCredentials(config: Sigv4Config, environment: Environment): Promise<AwsCredentials> {
  const secret = config.secretKey?.reveal() ?? "";
  if (config.accessKey !== "" && secret !== "") return { accessKeyId: config.accessKey, secretAccessKey: secret };
  const profile = config.profile === "" ? environment.AWS_PROFILE : config.profile;
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: token,
  } = environment;
  if (config.profile === "" && accessKeyId && secretAccessKey) {
    return { accessKeyId, secretAccessKey, ...(token && { sessionToken: token }) };
  }
  const home = environment.HOME ?? homedir();
  const path = environment.AWS_SHARED_CREDENTIALS_FILE ?? join(home, ".aws", "credentials");
  return readProfile(path, profile ?? "default");
}

async function readProfile(path: string, profile: string): Promise<AwsCredentials> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw missing(`no credentials are configured, and ${path} cannot be read: ${messageOf(error)}`);
  });
  const values = parseProfile(text, profile);
  const accessKeyId = values.get("aws_access_key_id");
  const secretAccessKey = values.get("aws_secret_access_key");
  const sessionToken = values.get("aws_session_token");
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw missing(`${path} has no keys of the profile ${JSON.stringify(profile)}`);
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

/** The entries of one section of AWS' credentials file. */
export function parseProfile(text: string, profile: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let section = "";
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\s*\[\s*(?:profile\s+)?([^\]]+?)\s*\]/.exec(line);
    if (heading !== null) section = heading[1] ?? "";
    const entry = /^\s*([a-z_]+)\s*=\s*(.*?)\s*$/i.exec(line);
    if (section === profile && entry !== null) values.set((entry[1] ?? "").toLowerCase(), entry[2] ?? "");
  }
  return values;
}

/** The file or the role may come. */
function missing(message: string): DeliveryError {
  return new DeliveryError(`SNS: ${message}`, { isRetryable: true, reason: "authError" });
}
