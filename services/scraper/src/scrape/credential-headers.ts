import { readFile } from "node:fs/promises";
import { messageOf } from "@monotreme/errors";
import type { HttpClientConfig, Secret } from "@monotreme/prometheus-config";
import { ScrapeError } from "./scrape-errors.ts";

type Headers = Readonly<Record<string, string | string[]>>;

/** The headers that authenticate a request. Files are read each time, so that rotated secrets need no reload. */
export async function credentialHeaders(http: HttpClientConfig): Promise<Headers> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, header] of Object.entries(http.headers)) {
    const fromFiles = await Promise.all(header.files.map(readSecretFile));
    headers[name.toLowerCase()] = [...header.values, ...header.secrets.map((value) => value.reveal()), ...fromFiles];
  }
  const authorization = await authorizationHeader(http);
  return authorization === undefined ? headers : { ...headers, authorization };
}

async function authorizationHeader(http: HttpClientConfig): Promise<string | undefined> {
  const { basicAuth, authorization } = http;
  if (basicAuth !== undefined) {
    const username =
      basicAuth.usernameFile === undefined ? basicAuth.username : await readSecretFile(basicAuth.usernameFile);
    const password = await secretOf(basicAuth.password, basicAuth.passwordFile);
    return `Basic ${Buffer.from(`${username ?? ""}:${password}`).toString("base64")}`;
  }
  if (authorization === undefined) return undefined;
  const credentials = await secretOf(authorization.credentials, authorization.credentialsFile);
  return credentials === "" ? undefined : `${authorization.type} ${credentials}`;
}

async function secretOf(secret: Secret | undefined, file: string | undefined): Promise<string> {
  return file === undefined ? (secret?.reveal() ?? "") : readSecretFile(file);
}

async function readSecretFile(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw new ScrapeError("request", `cannot read the credentials in ${path}: ${messageOf(error)}`, error);
  }
}
