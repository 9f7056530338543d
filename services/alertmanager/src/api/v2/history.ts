import type { FastifyInstance, FastifyRequest } from "@monotreme/http";
import type { History, HistoryQuery } from "../../history/history.ts";
import { BadRequestError } from "../request/api-errors.ts";
import { formatDateTime, parseDateTime } from "../request/date-time.ts";
import { textOf } from "../request/query-parameters.ts";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 10_000;
const FAR_FUTURE_MS = Date.UTC(9999, 0, 1);

/** `GET /history/alerts` and `/history/notifications`: our own addition, newest first. */
export function addHistoryRoutes(app: FastifyInstance, { history }: { readonly history: History }): void {
  app.get("/history/alerts", async (request) => {
    const records = await history.alerts(queryFrom(request));
    return records.map(({ atMs, change, fingerprint, labels, annotations, startsAtMs, generatorUrl }) => ({
      at: formatDateTime(atMs),
      change,
      fingerprint,
      labels,
      annotations,
      startsAt: formatDateTime(startsAtMs),
      generatorURL: generatorUrl,
    }));
  });

  app.get("/history/notifications", async (request) => {
    const records = await history.notifications(queryFrom(request));
    return records.map(({ atMs, flushMs, ...record }) => ({
      at: formatDateTime(atMs),
      flushedAt: formatDateTime(flushMs),
      ...record,
    }));
  });
}

function queryFrom(request: FastifyRequest): HistoryQuery {
  const fingerprint = textOf(request, "fingerprint");
  const receiver = textOf(request, "receiver");
  return {
    fromMs: timeOf(request, "start") ?? 0,
    toMs: timeOf(request, "end") ?? FAR_FUTURE_MS,
    limit: limitOf(request),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(receiver === undefined ? {} : { receiver }),
  };
}

function timeOf(request: FastifyRequest, name: string): number | undefined {
  const text = textOf(request, name);
  if (text === undefined) return undefined;
  const timestampMs = parseDateTime(text);
  if (timestampMs === undefined) throw new BadRequestError(`${name} is no time: ${JSON.stringify(text)}`);
  return timestampMs;
}

/** How many entries a list may have. */
export function limitOf(request: FastifyRequest): number {
  const text = textOf(request, "limit") ?? String(DEFAULT_LIMIT);
  const limit = Number(text);
  if (/^\d{1,5}$/.test(text) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new BadRequestError(`limit must be 1 to ${MAX_LIMIT}: ${JSON.stringify(text)}`);
}
