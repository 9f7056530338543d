import type { ClickHouse } from "@monotreme/clickhouse";
import type { Matcher } from "@monotreme/model";
import { int64Text } from "./row-condition.ts";
import { seriesFilter, type TimeRange } from "./series-filter.ts";
import { findSeries } from "./series-lookup.ts";

/** Series that satisfy any of the sets of matchers, and the range of time of which they lose their samples. */
export interface DeletionRequest extends TimeRange {
  readonly matcherSets: readonly (readonly Matcher[])[];
  readonly signal?: AbortSignal;
}

/** Each deletion marks rows in every part of its days, so it is told to be narrower rather than taken in pieces. */
const MAX_SERIES = 100_000;
/** Series in one statement. */
const BATCH_SERIES = 5000;

const SAMPLE_TABLES = ["samples", "histograms"] as const;
const DATA_TABLES = [...SAMPLE_TABLES, "starts", "exemplars"] as const;
const INDEX_DAY = "toUInt16(least(greatest(intDiv(ts, 86400000), 0), 65535))";

/**
 * Deletes samples, histograms, start timestamps and exemplars of one tenant's series within a range of time, and then
 * the series from the index of those days on which nothing of them is left. What it deleted is invisible when the
 * promise resolves; ClickHouse frees the space as it merges. Throws QUERY_TOO_MANY_SERIES above 100,000 series.
 */
export async function deleteSeries(
  clickhouse: ClickHouse,
  tenant: string,
  { matcherSets, fromMs, untilMs, signal }: DeletionRequest,
): Promise<void> {
  if (matcherSets.length === 0 || untilMs < fromMs) return;
  const filter = seriesFilter(tenant, matcherSets, { fromMs, untilMs });
  const found = await findSeries(clickhouse, filter, { maxSeries: MAX_SERIES, signal });
  const ids = [...found].flatMap(([metricId, ofMetric]) =>
    [...ofMetric.keys()].map((seriesId): SeriesIds => [metricId, seriesId]),
  );
  const range = { ...filter.parameters, fromMs: int64Text(fromMs), untilMs: int64Text(untilMs) };
  const run = async (statement: string): Promise<void> =>
    clickhouse.command(statement, { parameters: range, settings: SETTINGS, ...(signal && { signal }) });
  for (let from = 0; from < ids.length; from += BATCH_SERIES) {
    const condition = conditionOf(ids.slice(from, from + BATCH_SERIES));
    // First, so that samples which arrive meanwhile bring their series back.
    await run(`INSERT INTO deleted_series (tenant, metric, metric_id, series_id, labels)
      SELECT tenant, metric, metric_id, series_id, labels FROM series
      WHERE tenant = {tenant:String} AND ${condition} LIMIT 1 BY metric_id, series_id`);
    for (const table of DATA_TABLES) {
      await run(`DELETE FROM ${table} WHERE ${condition} AND ts >= {fromMs:Int64} AND ts <= {untilMs:Int64}`);
    }
    await run(`DELETE FROM series WHERE tenant = {tenant:String} AND ${DAYS} AND ${condition}
      AND (metric_id, series_id, toUInt16(day)) NOT IN (${remaining(condition)})`);
    // Between the look for what is left and the deletion a sample may have come.
    await run(`INSERT INTO series (tenant, metric, metric_id, series_id, day, labels)
      SELECT d.tenant, d.metric, d.metric_id, d.series_id, toDate(s.day), d.labels
      FROM (${remaining(condition)}) AS s
      INNER JOIN (SELECT * FROM deleted_series FINAL WHERE ${condition}) AS d
      ON s.metric_id = d.metric_id AND s.series_id = d.series_id`);
  }
}

/** Frees the space of deleted rows now instead of with the next merges, and waits for it. */
export async function cleanTombstones(clickhouse: ClickHouse, signal?: AbortSignal): Promise<void> {
  for (const table of [...DATA_TABLES, "series"]) {
    await clickhouse.command(`ALTER TABLE ${table} APPLY DELETED MASK`, {
      settings: SETTINGS,
      ...(signal && { signal }),
    });
  }
}

type SeriesIds = readonly [metricId: bigint, seriesId: bigint];

const SETTINGS = { mutations_sync: "2", lightweight_deletes_sync: "2", max_query_size: "16777216" } as const;
const DAYS = "day >= toDate({fromDay:UInt16}) AND day <= toDate({untilDay:UInt16})";

/** Ids are numbers of our own index, so they may stand in the text. */
function conditionOf(ids: readonly SeriesIds[]): string {
  const metricIds = new Set(ids.map(([metricId]) => metricId));
  const pairs = ids.map(([metricId, seriesId]) => `(${metricId},${seriesId})`);
  return `metric_id IN (${[...metricIds].join(",")}) AND (metric_id, series_id) IN (${pairs.join(",")})`;
}

/** The days on which the series still have samples. */
function remaining(condition: string): string {
  const selects = SAMPLE_TABLES.map(
    (table) => `SELECT DISTINCT metric_id, series_id, ${INDEX_DAY} AS day FROM ${table}
      WHERE ${condition} AND day >= {fromDay:UInt16} AND day <= {untilDay:UInt16}`,
  );
  return selects.join(" UNION DISTINCT ");
}
