import { type FastifyInstance, successEnvelope } from "@monotreme/http";
import type { SeriesStatistics } from "@monotreme/storage";
import type { StorageAdministration } from "../administration/storage-administration.ts";
import { envelope } from "../response/envelope.ts";
import { sendJson } from "../response/send-json.ts";
import { ParameterError, type RequestParameters } from "./request-parameters.ts";
import { boundedSignal, parametersOf, type RouteContext, tenantOf } from "./route-context.ts";

/** Upstream counts what its head block holds: the last two to three hours. */
const HEAD_MS = 3 * 3_600_000;
const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 10_000;

/** What an empty head of upstream says: the ends of Int64, which are no exact numbers of JavaScript. */
const EMPTY_TIMES = '"minTime":9223372036854775807,"maxTime":-9223372036854775808';

/**
 * `/api/v1/status/tsdb`: cardinality of the series with samples on the days that the last three hours touch; and
 * `/api/v1/status/walreplay`, which says what a server without anything to replay says.
 */
export function addStorageStatusRoutes(
  app: FastifyInstance,
  context: RouteContext,
  administration: StorageAdministration,
): void {
  app.get("/api/v1/status/tsdb", async (request, reply) => {
    const nowMs = context.now();
    const statistics = await administration.statistics(tenantOf(request), {
      fromMs: nowMs - HEAD_MS,
      untilMs: nowMs,
      limit: limitOf(parametersOf(request)),
      signal: boundedSignal(reply, context),
    });
    return sendJson(request, reply, envelope([statisticsJson(statistics)]), context.meter);
  });
  app.get("/api/v1/status/walreplay", async () => successEnvelope({ min: 0, max: 0, current: 0 }));
}

function limitOf(parameters: RequestParameters): number {
  const text = parameters.text("limit");
  if (text === "") return DEFAULT_LIMIT;
  if (!/^\+?\d{1,15}$/.test(text) || Number(text) < 1) throw new ParameterError("limit must be a positive number");
  if (Number(text) > MAX_LIMIT) throw new ParameterError(`limit must not exceed ${MAX_LIMIT}`);
  return Number(text);
}

function statisticsJson(statistics: SeriesStatistics): string {
  const { seriesCount, labelPairCount, timeRange } = statistics;
  const times = timeRange === undefined ? EMPTY_TIMES : `"minTime":${timeRange.fromMs},"maxTime":${timeRange.untilMs}`;
  // There are no chunks here: each series counts as one, as a series of upstream's head has at least.
  const head = `{"numSeries":${seriesCount},"numLabelPairs":${labelPairCount},"chunkCount":${seriesCount},${times}}`;
  const lists = JSON.stringify({
    seriesCountByMetricName: statistics.seriesCountByMetric,
    labelValueCountByLabelName: statistics.valueCountByLabel,
    memoryInBytesByLabelName: statistics.valueBytesByLabel,
    seriesCountByLabelValuePair: statistics.seriesCountByLabelPair,
  });
  return `{"headStats":${head},${lists.slice(1)}`;
}
