import type { ClickHouse } from "@monotreme/clickhouse";
import { AppError } from "@monotreme/errors";
import type { SampleSource, SelectRequest, SeriesSamples } from "@monotreme/promql";
import { idCondition, int64Text } from "./row-condition.ts";
import { SeriesAssembler } from "./series-assembler.ts";
import { type SeriesFilter, seriesFilter } from "./series-filter.ts";
import { type FoundSeries, findSeries } from "./series-lookup.ts";

export interface SampleSourceOptions {
  /** A selector that matches more series than this is refused; each needs about a kilobyte in this process. */
  readonly maxSeries?: number;
}

const DEFAULT_MAX_SERIES = 1_000_000;

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
    WHERE ${idCondition([request.matchers], filter, found)} AND ts > {afterMs:Int64} AND ts <= {untilMs:Int64}
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

function tooManySamples(): AppError {
  return new AppError(
    "QUERY_TOO_MANY_SAMPLES",
    "limit",
    "query processing would load too many samples into memory in query execution",
  );
}
