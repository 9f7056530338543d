import { type IncomingMessage, request as httpRequest, STATUS_CODES } from "node:http";
import { request as httpsRequest } from "node:https";
import { createGunzip } from "node:zlib";
import { messageOf } from "@monotreme/errors";
import { acceptHeader, expositionFormatFor } from "@monotreme/exposition";
import { formatDurationMs } from "@monotreme/model";
import type { ScrapeConfig } from "@monotreme/prometheus-config";
import { BodyCollector } from "./body-collector.ts";
import { MAX_TIMER_MS } from "./clock.ts";
import { ConnectionAgents } from "./connection-agents.ts";
import { credentialHeaders } from "./credential-headers.ts";
import type { ScrapeClient, ScrapedBody, ScrapeRequest } from "./scrape-client.ts";
import { ScrapeError } from "./scrape-errors.ts";

type RequestHeaders = Readonly<Record<string, string | string[]>>;

const MAX_REDIRECTS = 10;
const REDIRECT_CODES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The bound where a job sets none: no target may fill the memory. */
const DEFAULT_MAX_BODY_BYTES = 256 * 1024 * 1024;

/** Scrapes over HTTP/1.1 with kept connections; one a job, because agents hold the job's TLS settings. */
export class HttpScrapeClient implements ScrapeClient {
  readonly #config: ScrapeConfig;
  readonly #agents: ConnectionAgents;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(config: ScrapeConfig, userAgent: string) {
    this.#config = config;
    this.#agents = new ConnectionAgents(config.http.tls);
    this.#headers = {
      accept: acceptHeader(
        config.scrapeProtocols.filter((protocol) => protocol !== "PrometheusProto"),
        config.metricNameEscapingScheme,
      ),
      "accept-encoding": config.enableCompression ? "gzip" : "identity",
      "user-agent": userAgent,
    };
  }

  async scrape(request: ScrapeRequest, signal: AbortSignal): Promise<ScrapedBody> {
    const abort = new AbortController();
    let isTimeout = false;
    const timer = setTimeout(
      () => {
        isTimeout = true;
        abort.abort();
      },
      Math.min(request.timeoutMs, MAX_TIMER_MS),
    );
    const onStop = (): void => abort.abort();
    signal.addEventListener("abort", onStop, { once: true });
    if (signal.aborted) abort.abort();
    try {
      const response = await this.#followRedirects(request, abort.signal);
      return await this.#readBody(request, response);
    } catch (error) {
      throw this.#translate(error, request, isTimeout);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onStop);
    }
  }

  close(): void {
    this.#agents.close();
  }

  async #followRedirects(request: ScrapeRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const origin = new URL(request.url).host;
    const credentials = await credentialHeaders(this.#config.http);
    let url = request.url;
    for (let redirects = 0; ; redirects++) {
      // Credentials stay with the host they were configured for (upstream since 3.13).
      const own = new URL(url).host === origin ? credentials : {};
      const response = await this.#request(url, { ...this.#timeoutHeader(request), ...own }, signal);
      const location = response.headers.location;
      const isRedirect = REDIRECT_CODES.has(response.statusCode ?? 0) && location !== undefined;
      if (!isRedirect || !this.#config.http.followRedirects) return response;
      response.resume();
      if (redirects === MAX_REDIRECTS) throw new ScrapeError("request", `stopped after ${MAX_REDIRECTS} redirects`);
      url = redirectUrl(location, url);
    }
  }

  async #request(url: string, headers: RequestHeaders, signal: AbortSignal): Promise<IncomingMessage> {
    const isTls = url.startsWith("https:");
    const agent = isTls ? await this.#agents.https() : this.#agents.http;
    const send = isTls ? httpsRequest : httpRequest;
    const options = { agent, signal, headers: { ...this.#headers, ...headers } };
    const attempt = (mayRepeat: boolean): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        const sent = send(url, options, resolve);
        sent.once("error", (error) => {
          // The target closed a kept connection just as it was used again; that says nothing of the target.
          if (mayRepeat && sent.reusedSocket && isConnectionReset(error)) attempt(false).then(resolve, reject);
          else reject(error);
        });
        sent.end();
      });
    return attempt(true);
  }

  async #readBody(request: ScrapeRequest, response: IncomingMessage): Promise<ScrapedBody> {
    const status = response.statusCode ?? 0;
    if (status !== 200) {
      response.destroy();
      throw new ScrapeError("status", `server returned HTTP status ${status} ${STATUS_CODES[status] ?? ""}`.trimEnd());
    }
    const format = this.#formatOf(response);
    const encoding = response.headers["content-encoding"]?.toLowerCase() ?? "identity";
    if (encoding !== "gzip" && encoding !== "identity" && encoding !== "") {
      response.destroy();
      throw new ScrapeError("content", `the target used the encoding ${encoding}, expected gzip or none`);
    }
    const collector = new BodyCollector(
      this.#config.bodySizeLimitBytes || DEFAULT_MAX_BODY_BYTES,
      Math.max(request.expectedBytes, encoding === "gzip" ? 0 : Number(response.headers["content-length"] ?? 0)),
    );
    const body = await collector.collect(response, encoding === "gzip" ? createGunzip() : undefined);
    return { body, format };
  }

  #formatOf(response: IncomingMessage): ScrapedBody["format"] {
    try {
      return expositionFormatFor(response.headers["content-type"], this.#config.fallbackScrapeProtocol);
    } catch (error) {
      response.destroy();
      throw new ScrapeError("content", messageOf(error), error);
    }
  }

  #timeoutHeader(request: ScrapeRequest): Readonly<Record<string, string>> {
    return { "x-prometheus-scrape-timeout-seconds": String(request.timeoutMs / 1000) };
  }

  /** A request that failed, in upstream's words where users know them. */
  #translate(error: unknown, request: ScrapeRequest, isTimeout: boolean): ScrapeError {
    if (isTimeout) {
      const text = `Get ${JSON.stringify(request.url)}: context deadline exceeded (no whole answer within ${formatDurationMs(request.timeoutMs)})`;
      return new ScrapeError("timeout", text, error);
    }
    if (error instanceof ScrapeError) return error;
    return new ScrapeError("request", `Get ${JSON.stringify(request.url)}: ${describeNetworkError(error)}`, error);
  }
}

function isConnectionReset(error: Error): boolean {
  return "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}

function redirectUrl(location: string, from: string): string {
  if (!URL.canParse(location, from)) throw new ScrapeError("request", "the target redirects to an invalid URL");
  const url = new URL(location, from);
  if (url.protocol === "http:" || url.protocol === "https:") return url.href;
  throw new ScrapeError("request", `the target redirects to the protocol ${url.protocol}, expected http or https`);
}

/** An error of several addresses has no message of its own. */
function describeNetworkError(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(messageOf).join("; ") : messageOf(error);
}
