import type { ClickHouse } from "@monotreme/clickhouse";
import { AppError } from "@monotreme/errors";
import { METRIC_NAME } from "@monotreme/model";
import type { SampleSource, SelectRequest, SeriesSamples } from "@monotreme/promql";
import { SeriesAssembler } from "./series-assembler.ts";
import { type SeriesFilter, seriesFilter } from "./series-filter.ts";
import { type FoundSeries, findSeries } from "./series-lookup.ts";

export interface SampleSourceOptions {
  /** A selector that matches more series than this is refused; each needs about a kilobyte in this process. */
  readonly maxSeries?: number;
}

const DEFAULT_MAX_SERIES = 1_000_000;

/** Up to here the ids of the series stand in the query; beyond, the server looks them up again by the same matchers. */
const MAX_IDS_IN_QUERY = 10_000;

/**
 * Reads the samples of one tenant from ClickHouse. Every read goes through the tenant's own index, so no tenant sees
 * another's series. Of several values with one timestamp one counts, by the rule of `isBetterSample`.
 */
export function createSampleSource(
  clickhouse: ClickHouse,
  tenant: string,
  options: SampleSourceOptions = {},
): SampleSource {
  const maxSeries = options.maxSeries ?? DEFAULT_MAX_SERIES;
  return {
    async select(request) {
      if (request.untilMs <= request.afterMs) return [];
      const range = { fromMs: request.afterMs + 1, untilMs: request.untilMs };
      const filter = seriesFilter(tenant, [request.matchers], range);
      const found = await findSeries(clickhouse, filter, { maxSeries, signal: request.signal });
      return found.size === 0 ? [] : readSamples(clickhouse, request, filter, found);
    },
  };
}

async function readSamples(
  clickhouse: ClickHouse,
  request: SelectRequest,
  filter: SeriesFilter,
  found: FoundSeries,
): Promise<readonly SeriesSamples[]> {
  const isOneMetric = found.size === 1;
  const [firstMetricId = 0n] = found.keys();
  const assembler = new SeriesAssembler((metricId, seriesId) =>
    found.get(isOneMetric ? firstMetricId : metricId)?.get(seriesId),
  );
  // The server turns timestamps into floats faster than this process could, and then they need no copy here.
  const columns = `${isOneMetric ? "" : "metric_id, "}series_id, toFloat64(ts) AS timestamp, value`;
  const query = `SELECT ${columns} FROM samples
    WHERE ${idCondition(request, filter, found)} AND ts > {afterMs:Int64} AND ts <= {untilMs:Int64}
    ORDER BY metric_id, series_id, ts`;
  const { maxSamples = Infinity, signal } = request;
  const blocks = clickhouse.selectNative(query, {
    parameters: {
      ...filter.parameters,
      afterMs: int64Text(request.afterMs),
      untilMs: int64Text(request.untilMs),
    },
    ...(signal && { signal }),
  });
  let sampleCount = 0;
  for await (const block of blocks) {
    sampleCount += block.rowCount;
    if (sampleCount > maxSamples) throw tooManySamples();
    assembler.add({
      rowCount: block.rowCount,
      metricIds: isOneMetric ? undefined : block.words64("metric_id"),
      seriesIds: block.words64("series_id"),
      timestamps: block.float64("timestamp"),
      values: block.float64("value"),
    });
  }
  return assembler.finish();
}

/** Ids are numbers of our own index, so they may stand in the text. */
function idCondition(request: SelectRequest, filter: SeriesFilter, found: FoundSeries): string {
  const lookup = `SELECT metric_id, series_id FROM series WHERE ${filter.condition}`;
  const seriesCount = [...found.values()].reduce((sum, ofMetric) => sum + ofMetric.size, 0);
  if (found.size > MAX_IDS_IN_QUERY) return `(metric_id, series_id) IN (${lookup})`;
  const metrics = `metric_id IN (${[...found.keys()].join(",")})`;
  // Only the name is asked for: the metrics' rows are the series' rows.
  if (request.matchers.every((matcher) => matcher.name === METRIC_NAME)) return metrics;
  if (seriesCount > MAX_IDS_IN_QUERY) return `${metrics} AND (metric_id, series_id) IN (${lookup})`;
  const seriesIds = [...found.values()].flatMap((ofMetric) => [...ofMetric.keys()]);
  return `${metrics} AND series_id IN (${seriesIds.join(",")})`;
}

const LARGEST_INT64 = 2n ** 63n - 1n;

/** Instants beyond Int64 count as its ends. */
function int64Text(timestampMs: number): string {
  if (timestampMs >= 2 ** 63) return LARGEST_INT64.toString();
  if (timestampMs <= -(2 ** 63)) return (-LARGEST_INT64).toString();
  return BigInt(Math.floor(timestampMs)).toString();
}

function tooManySamples(): AppError {
  return new AppError(
    "QUERY_TOO_MANY_SAMPLES",
    "limit",
    "query processing would load too many samples into memory in query execution",
  );
}
