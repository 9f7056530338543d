import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestOptions,
  request as httpRequest,
} from "node:http";
import { request as httpsRequest } from "node:https";
import type { HttpClientConfig } from "@monotreme/prometheus-config";
import { collectBody } from "./collect-body.ts";
import { ConnectionAgents } from "./connection-agents.ts";
import { credentialHeaders, type RequestHeaders } from "./credential-headers.ts";
import { decodedPart } from "./decoded-part.ts";
import { HttpClientError } from "./http-client-error.ts";
import { isConnectionReset, translateNetworkError } from "./translate-network-error.ts";
import { type Environment, selectProxy } from "./proxy-selector.ts";
import type { HttpRequest } from "./http-request.ts";
import { redirectedRequest } from "./redirect.ts";
import { TokenSource } from "./token-source.ts";

/** The bound of an answer's body where the caller names none. */
const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;
const MAX_TOKEN_BYTES = 64 * 1024;
const MAX_REDIRECTS = 10;

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpClientOptions {
  /** Where `proxy_from_environment` looks; nothing by default. */
  readonly environment?: Environment;
}

/** Where a connection goes, and what a proxy on the way is told. */
type RoutedOptions = Omit<RequestOptions, "headers"> & { readonly headers?: OutgoingHttpHeaders };

/**
 * Requests over HTTP/1.1 with kept connections as an `http_config` says: TLS, credentials, OAuth 2, proxy, redirects.
 * Credentials are sent to the host of the request only, not to others it redirects to.
 */
export class HttpClient {
  readonly #config: HttpClientConfig;
  readonly #environment: Environment;
  readonly #agents: ConnectionAgents;
  readonly #tokens: TokenSource | undefined;
  readonly #tokenClient: HttpClient | undefined;

  constructor(config: HttpClientConfig, options: HttpClientOptions = {}) {
    this.#config = config;
    this.#environment = options.environment ?? {};
    this.#agents = new ConnectionAgents(config.tls);
    const { oauth2 } = config;
    if (oauth2 === undefined) return;
    const client = new HttpClient({ ...PLAIN, tls: oauth2.tls, proxy: oauth2.proxy }, options);
    this.#tokenClient = client;
    this.#tokens = new TokenSource(oauth2, (url, form, headers, signal) => {
      const type = { "content-type": "application/x-www-form-urlencoded" };
      return client.request({
        method: "POST",
        url,
        headers: { ...headers, ...type },
        body: form,
        signal,
        maxBytes: MAX_TOKEN_BYTES,
      });
    });
  }

  /** Sends and reads the whole answer, whatever its status; more than `maxBytes` of body is an error. */
  async request(request: HttpRequest & { readonly maxBytes?: number }): Promise<HttpAnswer> {
    const response = await this.open(request);
    const body = await collectBody(response, request.maxBytes ?? DEFAULT_MAX_BODY_BYTES, request.signal);
    return { status: response.statusCode ?? 0, headers: response.headers, body };
  }

  /** Sends and gives the answer as soon as its headers are there; the caller reads or destroys it. */
  async open(request: HttpRequest): Promise<IncomingMessage> {
    if (!URL.canParse(request.url)) throw new HttpClientError("address", "the address is no URL");
    const origin = new URL(request.url).host;
    const own = await this.#credentials(request.signal);
    let current = request;
    for (let redirects = 0; ; redirects++) {
      const headers = { ...current.headers, ...(new URL(current.url).host === origin ? own : {}) };
      const response = await this.#send({ ...current, headers });
      if (response.statusCode === 401) this.#tokens?.forget();
      const next = this.#config.followRedirects ? redirectedRequest(current, response) : undefined;
      if (next === undefined) return response;
      response.resume();
      if (redirects === MAX_REDIRECTS)
        throw new HttpClientError("redirect", `stopped after ${MAX_REDIRECTS} redirects`);
      current = next;
    }
  }

  close(): void {
    this.#agents.close();
    this.#tokenClient?.close();
  }

  async #credentials(signal: AbortSignal): Promise<RequestHeaders> {
    const headers = await credentialHeaders(this.#config);
    return this.#tokens === undefined
      ? headers
      : { ...headers, authorization: await this.#tokens.authorization(signal) };
  }

  async #send(request: HttpRequest): Promise<IncomingMessage> {
    const url = new URL(request.url);
    const { send, options } = await this.#route(url);
    const attempt = (mayRepeat: boolean): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        const headers = { ...options.headers, ...mutableHeaders(request.headers ?? {}) };
        const sent = send({ ...options, method: request.method, headers, signal: request.signal }, resolve);
        sent.once("error", (error) => {
          // The server closed a kept connection just as it was used again; that says nothing of the server.
          if (mayRepeat && sent.reusedSocket && isConnectionReset(error)) attempt(false).then(resolve, reject);
          else reject(translateNetworkError(error, request.signal));
        });
        sent.end(request.body);
      });
    return attempt(true);
  }

  async #route(url: URL): Promise<{ send: typeof httpRequest; options: RoutedOptions }> {
    const proxy = selectProxy(url, this.#config.proxy, this.#environment);
    const auth = url.username === "" ? {} : { auth: `${decodedPart(url.username)}:${decodedPart(url.password)}` };
    const direct = { ...auth, host: bareHost(url), port: url.port, path: `${url.pathname}${url.search}` };
    if (url.protocol === "https:") {
      const agent = await (proxy === undefined ? this.#agents.https() : this.#agents.tunnel(proxy));
      return { send: httpsRequest, options: { ...direct, agent } };
    }
    if (url.protocol !== "http:")
      throw new HttpClientError("address", `the protocol ${url.protocol} is not http or https`);
    if (proxy === undefined) return { send: httpRequest, options: { ...direct, agent: this.#agents.http } };
    const isTls = proxy.url.protocol === "https:";
    const options: RoutedOptions = {
      ...auth,
      host: bareHost(proxy.url),
      port: proxy.url.port,
      path: `${url.protocol}//${url.host}${url.pathname}${url.search}`,
      headers: { host: url.host, ...proxy.connectHeaders },
      agent: isTls ? await this.#agents.https() : this.#agents.http,
    };
    return { send: isTls ? httpsRequest : httpRequest, options };
  }
}

const PLAIN: HttpClientConfig = {
  basicAuth: undefined,
  authorization: undefined,
  tls: undefined,
  followRedirects: true,
  headers: {},
};

/** Node wants hosts of IPv6 without their brackets. */
function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

function mutableHeaders(headers: RequestHeaders): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
  );
}
