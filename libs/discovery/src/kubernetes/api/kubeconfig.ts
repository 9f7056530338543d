import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { AppError, messageOf } from "@monotreme/errors";
import { type HttpClientConfig, Secret } from "@monotreme/prometheus-config";
import { parse } from "yaml";
import { type JsonObject, objectOf, objectsOf, textOf } from "../objects/json-value.ts";
import type { Connection } from "./connection.ts";

/** A kubeconfig that cannot be used. */
export class KubeconfigError extends AppError {
  constructor(message: string, cause?: unknown) {
    super("KUBECONFIG_INVALID", "invalid", message, { cause });
  }
}

/** Reads the current context of a kubeconfig. Programs that fetch credentials (`exec`) are not run. */
export async function connectionFromKubeconfig(path: string): Promise<Connection> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new KubeconfigError(`cannot read the kubeconfig ${path}: ${messageOf(error)}`, error);
  }
  return parseKubeconfig(text, path);
}

/** As {@link connectionFromKubeconfig}; pure. */
export function parseKubeconfig(text: string, path: string): Connection {
  const config = parseYaml(text, path);
  const contextName = textOf(config["current-context"]);
  const context = namedEntry(config, "contexts", "context", contextName, path);
  const cluster = namedEntry(config, "clusters", "cluster", textOf(context["cluster"]), path);
  const userName = textOf(context["user"]);
  const user = userName === "" ? {} : namedEntry(config, "users", "user", userName, path);
  if (user["exec"] !== undefined || user["auth-provider"] !== undefined) {
    throw new KubeconfigError(`${path}: credentials by exec or auth-provider are not supported; use a token or file`);
  }
  const server = textOf(cluster["server"]);
  if (!URL.canParse(server)) throw new KubeconfigError(`${path}: the cluster's server is no URL`);
  return { server, http: httpConfig(cluster, user, dirname(path)) };
}

function parseYaml(text: string, path: string): JsonObject {
  try {
    return objectOf(parse(text));
  } catch (error) {
    // The parser's own message quotes the lines around the fault, which may hold secrets.
    const at = error instanceof Error && "linePos" in error ? objectsOf(error.linePos)[0] : undefined;
    throw new KubeconfigError(`${path}: broken YAML${at === undefined ? "" : ` at line ${String(at["line"])}`}`);
  }
}

function namedEntry(config: JsonObject, list: string, field: string, name: string, path: string): JsonObject {
  const entry = objectsOf(config[list]).find((each) => each["name"] === name);
  if (entry === undefined) throw new KubeconfigError(`${path}: ${list} has no ${JSON.stringify(name)}`);
  return objectOf(entry[field]);
}

function httpConfig(cluster: JsonObject, user: JsonObject, folder: string): HttpClientConfig {
  const file = (entry: JsonObject, field: string): string | undefined => {
    const value = textOf(entry[field]);
    return value === "" ? undefined : resolve(folder, value);
  };
  const data = (entry: JsonObject, field: string): string | undefined => {
    const value = textOf(entry[`${field}-data`]);
    return value === "" ? undefined : Buffer.from(value, "base64").toString("utf8");
  };
  const key = data(user, "client-key");
  const fileUnlessData = (entry: JsonObject, field: string): string | undefined =>
    data(entry, field) === undefined ? file(entry, field) : undefined;
  const proxyUrl = textOf(cluster["proxy-url"]);
  return {
    basicAuth: basicAuth(user),
    authorization: authorization(user, file(user, "tokenFile")),
    tls: {
      ca: data(cluster, "certificate-authority"),
      caFile: fileUnlessData(cluster, "certificate-authority"),
      cert: data(user, "client-certificate"),
      certFile: fileUnlessData(user, "client-certificate"),
      key: key === undefined ? undefined : new Secret(key),
      keyFile: fileUnlessData(user, "client-key"),
      serverName: textOf(cluster["tls-server-name"]) || undefined,
      insecureSkipVerify: cluster["insecure-skip-tls-verify"] === true,
      minVersion: undefined,
      maxVersion: undefined,
    },
    proxy: proxyUrl === "" ? undefined : { url: proxyUrl, noProxy: "", isFromEnvironment: false, connectHeaders: {} },
    followRedirects: true,
    headers: {},
  };
}

function basicAuth(user: JsonObject): HttpClientConfig["basicAuth"] {
  const username = textOf(user["username"]);
  if (username === "") return undefined;
  const password = new Secret(textOf(user["password"]));
  return { username, usernameFile: undefined, password, passwordFile: undefined };
}

/** A token's file wins over a token, as in Kubernetes' own clients. */
function authorization(user: JsonObject, tokenFile: string | undefined): HttpClientConfig["authorization"] {
  if (tokenFile !== undefined) return { type: "Bearer", credentials: undefined, credentialsFile: tokenFile };
  const token = textOf(user["token"]);
  if (token === "") return undefined;
  return { type: "Bearer", credentials: new Secret(token), credentialsFile: undefined };
}
