import { HttpClient, type HttpAnswer } from "@monotreme/http-client";
import { type HttpDiscoveryConfig, maskUrlPassword } from "@monotreme/prometheus-config";
import type { DiscoveryMetrics } from "../discovery-metrics.ts";
import type { RefreshSource } from "../refresh-loop.ts";
import { parseTargetList, TargetListError } from "./target-list.ts";

/** The largest list that is read: about half a million targets. */
export const MAX_LIST_BYTES = 64 * 1024 * 1024;

const CONTENT_TYPE = /^application\/json(;\s*charset=("utf-8"|utf-8))?$/i;

export interface HttpSourceOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  readonly metrics: DiscoveryMetrics;
}

/** Asks a server for its list of targets, as upstream's `http_sd_config` does. */
export function createHttpSource(config: HttpDiscoveryConfig, options: HttpSourceOptions): RefreshSource {
  const client = new HttpClient(config.http, { environment: options.environment });
  const shownUrl = maskUrlPassword(config.url);
  const headers = {
    "user-agent": options.userAgent,
    accept: "application/json",
    "accept-encoding": "gzip",
    "x-prometheus-refresh-interval-seconds": String(config.refreshIntervalMs / 1000),
  };
  const ask = async (signal: AbortSignal) => {
    const answer = await client.request({
      method: "GET",
      url: config.url,
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(config.refreshIntervalMs)]),
      maxBytes: MAX_LIST_BYTES,
    });
    checkAnswer(answer);
    return parseTargetList(shownUrl, answer.body);
  };
  return {
    mechanism: "http",
    refreshIntervalMs: config.refreshIntervalMs,
    refresh: async (signal) => {
      try {
        return await ask(signal);
      } catch (error) {
        if (!signal.aborted) options.metrics.httpFailures.inc();
        throw error;
      }
    },
    close: () => client.close(),
  };
}

function checkAnswer({ status, headers }: HttpAnswer): void {
  if (status !== 200) throw new TargetListError(`server returned HTTP status ${status}`);
  const type = headers["content-type"] ?? "";
  if (!CONTENT_TYPE.test(type.trim())) {
    throw new TargetListError(`unsupported content type ${JSON.stringify(type.slice(0, 200))}`);
  }
}
