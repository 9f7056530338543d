import type { HttpClientConfig } from "@monotreme/prometheus-config";
import { readSecretFile, secretText } from "./secret-file.ts";

/** Headers of a request: one value, or several of one name. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[]>>;

/** The configured headers and the one that authenticates. Files are read each time, so that secrets can rotate. */
export async function credentialHeaders(http: HttpClientConfig): Promise<RequestHeaders> {
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
    return basicCredentials(username ?? "", await secretText(basicAuth.password, basicAuth.passwordFile));
  }
  if (authorization === undefined) return undefined;
  const credentials = await secretText(authorization.credentials, authorization.credentialsFile);
  return credentials === "" ? undefined : `${authorization.type} ${credentials}`;
}

/** The value of an `Authorization` header for a user and a password. */
export function basicCredentials(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
