import { type IncomingMessage, STATUS_CODES } from "node:http";
import { createGunzip } from "node:zlib";
import { MAX_TIMER_MS } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import { acceptHeader, expositionFormatFor } from "@monotreme/exposition";
import { type Environment, HttpClient, HttpClientError } from "@monotreme/http-client";
import { formatDurationMs } from "@monotreme/model";
import type { ScrapeConfig } from "@monotreme/prometheus-config";
import { BodyCollector } from "./body-collector.ts";
import type { ScrapeClient, ScrapedBody, ScrapeRequest } from "./scrape-client.ts";
import { ScrapeError } from "./scrape-errors.ts";

/** The bound where a job sets none: no target may fill the memory. */
const DEFAULT_MAX_BODY_BYTES = 256 * 1024 * 1024;

/** Scrapes over HTTP/1.1 with kept connections; one a job, because it holds the job's connections and credentials. */
export class HttpScrapeClient implements ScrapeClient {
  readonly #config: ScrapeConfig;
  readonly #client: HttpClient;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(config: ScrapeConfig, userAgent: string, environment: Environment) {
    this.#config = config;
    this.#client = new HttpClient(config.http, { environment });
    this.#headers = {
      accept: acceptHeader(config.scrapeProtocols, config.metricNameEscapingScheme),
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
      const headers = { ...this.#headers, ...this.#timeoutHeader(request) };
      const response = await this.#client.open({ method: "GET", url: request.url, headers, signal: abort.signal });
      return await this.#readBody(request, response);
    } catch (error) {
      throw this.#translate(error, request, isTimeout);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onStop);
    }
  }

  close(): void {
    this.#client.close();
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
    const isSelfExplaining = error instanceof HttpClientError && error.reason !== "connection";
    const prefix = isSelfExplaining ? "" : `Get ${JSON.stringify(request.url)}: `;
    return new ScrapeError("request", `${prefix}${messageOf(error)}`, error);
  }
}
