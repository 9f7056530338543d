import type { IncomingMessage } from "node:http";
import { HttpClient } from "@monotreme/http-client";
import { type JsonObject, objectOf, textOf } from "../objects/json-value.ts";
import {
  type Connection,
  connectionOf,
  type ConnectionSettings,
  type PodSurroundings,
  readOwnNamespace,
} from "./connection.ts";
import { readJsonLines } from "./json-lines.ts";
import type { ApiRequest, KubernetesApi } from "./kubernetes-api.ts";
import { KubernetesApiError, retryAfterMsOf } from "./kubernetes-api-error.ts";

/** Pages are of a hundred objects, at most 1.5 MB each; pods have about 10 kB. */
const MAX_PAGE_BYTES = 256 * 1024 * 1024;
const MAX_EVENT_BYTES = 8 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;
const MAX_WARNINGS = 100;

export interface HttpKubernetesApiOptions extends PodSurroundings {
  readonly userAgent: string;
  /** Gets what the API server warns of (a deprecated API), each text once. */
  readonly onWarning: (text: string) => void;
}

/** Asks an API server over HTTP; the connection's settings are read when first needed and again after a 401. */
export class HttpKubernetesApi implements KubernetesApi {
  readonly #config: ConnectionSettings;
  readonly #options: HttpKubernetesApiOptions;
  #connected: { readonly client: HttpClient; readonly server: string } | undefined;
  /** Clients of old settings, which requests may still use. */
  readonly #former = new Set<HttpClient>();
  readonly #warnings = new Set<string>();

  constructor(config: ConnectionSettings, options: HttpKubernetesApiOptions) {
    this.#config = config;
    this.#options = options;
  }

  async list(request: ApiRequest): Promise<JsonObject> {
    const response = await this.#open(request, "List");
    const text = await readText(response, MAX_PAGE_BYTES);
    return parseObject(text);
  }

  async watch(request: ApiRequest): Promise<AsyncIterable<JsonObject>> {
    return readJsonLines(await this.#open(request, ""), MAX_EVENT_BYTES);
  }

  async ownNamespace(): Promise<string> {
    return readOwnNamespace(this.#options);
  }

  close(): void {
    for (const client of this.#former) client.close();
    this.#connected?.client.close();
  }

  async #open(request: ApiRequest, suffix: string): Promise<IncomingMessage> {
    const { client, server } = await this.#connect();
    const response = await client.open({
      method: "GET",
      url: urlOf(server, request),
      headers: { "user-agent": this.#options.userAgent, accept: acceptOf(request.isMetadataOnly, suffix) },
      signal: request.signal,
    });
    this.#passWarnings(response);
    if (response.statusCode === 200) return response;
    if (response.statusCode === 401) this.#forget(client);
    throw await errorOf(response);
  }

  async #connect(): Promise<{ readonly client: HttpClient; readonly server: string }> {
    if (this.#connected !== undefined) return this.#connected;
    const connection: Connection = await connectionOf(this.#config, this.#options);
    // Another request may have been quicker.
    this.#connected ??= {
      client: new HttpClient(connection.http, { environment: this.#options.environment }),
      server: connection.server,
    };
    return this.#connected;
  }

  /** Only a kubeconfig holds credentials itself; files of tokens are read for each request anyway. */
  #forget(client: HttpClient): void {
    if (this.#config.kubeconfigFile === undefined || this.#connected?.client !== client) return;
    for (const former of this.#former) former.close();
    this.#former.clear();
    this.#former.add(client);
    this.#connected = undefined;
  }

  /** RFC 7234: code, agent and a quoted text; Kubernetes sends `299 - "…"`. */
  #passWarnings({ headers }: IncomingMessage): void {
    const text = /^299 \S+ "((?:[^"\\]|\\.){1,500})/.exec(headers.warning ?? "")?.[1];
    if (text === undefined || this.#warnings.has(text) || this.#warnings.size >= MAX_WARNINGS) return;
    this.#warnings.add(text);
    this.#options.onWarning(text);
  }
}

function urlOf(server: string, { path, parameters }: ApiRequest): string {
  const url = new URL(server);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}${path}`;
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

function acceptOf(isMetadataOnly: boolean, suffix: string): string {
  const metadataOnly = `application/json;as=PartialObjectMetadata${suffix};g=meta.k8s.io;v=v1`;
  return isMetadataOnly ? `${metadataOnly},application/json` : "application/json";
}

async function errorOf(response: IncomingMessage): Promise<KubernetesApiError> {
  const status = response.statusCode ?? 0;
  const retryAfterMs = retryAfterMsOf(Number(response.headers["retry-after"]));
  const said = messageIn(await readText(response, MAX_ERROR_BYTES).catch(() => ""));
  return new KubernetesApiError(
    `the API server answered ${status}${said === "" ? "" : `: ${said}`}`,
    status,
    retryAfterMs,
  );
}

/** The message of a `Status` object; other texts (of a proxy on the way) are not repeated. */
function messageIn(text: string): string {
  try {
    return textOf(parseObject(text)["message"]).slice(0, 500);
  } catch {
    return "";
  }
}

async function readText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk as Uint8Array);
    length += bytes.length;
    if (length > maxBytes) throw new KubernetesApiError(`an answer is longer than ${maxBytes} bytes`, 0);
    chunks.push(bytes);
  }
  if (!response.complete) throw new KubernetesApiError("the connection broke in an answer", 0);
  return Buffer.concat(chunks, length).toString("utf8");
}

function parseObject(text: string): JsonObject {
  try {
    const parsed: unknown = JSON.parse(text);
    return objectOf(parsed);
  } catch (error) {
    throw new KubernetesApiError("an answer is no JSON", 0, 0, error);
  }
}
