import type { ClickHouse } from "@monotreme/clickhouse";
import { seriesFilter, type TimeRange } from "./series-filter.ts";

export interface StatisticsRequest extends TimeRange {
  /** Entries in each list at most. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

export interface NamedCount {
  readonly name: string;
  readonly value: number;
}

/** How many series there are and what makes them many; the longest lists' heads, most first, then by name. */
export interface SeriesStatistics {
  readonly seriesCount: number;
  /** Distinct pairs of label and value. */
  readonly labelPairCount: number;
  /** Epoch ms of the first and last sample of the days asked for, of all tenants; undefined where there is no series. */
  readonly timeRange: TimeRange | undefined;
  readonly seriesCountByMetric: readonly NamedCount[];
  readonly valueCountByLabel: readonly NamedCount[];
  /** Bytes of the values of a label, each counted once a series. */
  readonly valueBytesByLabel: readonly NamedCount[];
  /** Names are `label=value`. */
  readonly seriesCountByLabelPair: readonly NamedCount[];
}

/** Counts one tenant's series that have samples on the days of a range of time. */
export async function readSeriesStatistics(
  clickhouse: ClickHouse,
  tenant: string,
  { limit, signal, ...range }: StatisticsRequest,
): Promise<SeriesStatistics> {
  const { condition, parameters } = seriesFilter(tenant, [], range);
  const rows = (query: string): Promise<Record<string, unknown>[]> =>
    clickhouse.queryRows(query, {
      parameters: { ...parameters, limit },
      settings: { readonly: "2", cancel_http_readonly_queries_on_client_close: 1 },
      ...(signal && { signal }),
    });
  const series = `SELECT metric, series_id, labels FROM series WHERE ${condition} LIMIT 1 BY metric_id, series_id`;
  const pairs = `SELECT series_id, pair.1 AS label, pair.2 AS text
    FROM (${series}) ARRAY JOIN CAST(labels, 'Array(Tuple(String, String))') AS pair`;
  const top = "ORDER BY value DESC, name LIMIT {limit:UInt32}";
  const [totals, byMetric, byLabel, bytesByLabel, byPair] = await Promise.all([
    rows(`SELECT count() AS series, (SELECT uniqExact(label, text) FROM (${pairs})) AS labelPairs FROM (${series})`),
    rows(`SELECT metric AS name, count() AS value FROM (${series}) GROUP BY name ${top}`),
    rows(`SELECT label AS name, uniqExact(text) AS value FROM (${pairs}) GROUP BY name ${top}`),
    rows(`SELECT label AS name, sum(length(text)) AS value FROM (${pairs}) GROUP BY name ${top}`),
    rows(`SELECT concat(label, '=', text) AS name, count() AS value FROM (${pairs}) GROUP BY label, text ${top}`),
  ]);
  const seriesCount = Number(totals[0]?.["series"] ?? 0);
  return {
    seriesCount,
    labelPairCount: Number(totals[0]?.["labelPairs"] ?? 0),
    timeRange: seriesCount === 0 ? undefined : await readTimeRange(rows),
    seriesCountByMetric: byMetric.map(namedCountOf),
    valueCountByLabel: byLabel.map(namedCountOf),
    valueBytesByLabel: bytesByLabel.map(namedCountOf),
    seriesCountByLabelPair: byPair.map(namedCountOf),
  };
}

/** ClickHouse keeps both ends for each part of rows, and blocks theirs, so no sample is read. */
async function readTimeRange(
  rows: (query: string) => Promise<Record<string, unknown>[]>,
): Promise<TimeRange | undefined> {
  const days = "BETWEEN {fromDay:Int64} AND {untilDay:Int64}";
  const [row] = await rows(`SELECT sum(found) AS samples, min(fromTs) AS fromMs, max(untilTs) AS untilMs FROM (
    SELECT count() AS found, min(ts) AS fromTs, max(ts) AS untilTs FROM samples WHERE intDiv(ts, 86400000) ${days}
      HAVING found > 0
    UNION ALL SELECT samples, min_ts, max_ts FROM blocks FINAL
      WHERE resolution = 0 AND state = 'ready' AND samples > 0 AND intDiv(start, 86400000) ${days})`);
  if (row === undefined || Number(row["samples"]) === 0) return undefined;
  return { fromMs: Number(row["fromMs"]), untilMs: Number(row["untilMs"]) };
}

function namedCountOf(row: Record<string, unknown>): NamedCount {
  return { name: String(row["name"]), value: Number(row["value"]) };
}
