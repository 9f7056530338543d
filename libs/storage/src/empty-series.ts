import { FIVE_MINUTES, ONE_HOUR, WINDOW_MS } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import { DAY_MS } from "./day.ts";
import { int64Text } from "./row-condition.ts";
import { seriesFilter, type TimeRange } from "./series-filter.ts";

/** Ids of a series, as our own index has them. */
export type SeriesIds = readonly [metricId: bigint, seriesId: bigint];

export interface ForgetRequest extends TimeRange {
  readonly tenant: string;
  readonly ids: readonly SeriesIds[];
  /**
   * On which days chunks keep a series in the index: on all, or only on those that the range covers in part, because
   * everything in chunks of the others is hidden.
   */
  readonly chunksCountOn: "all days" | "partial days";
  readonly signal?: AbortSignal | undefined;
}

/** Lightweight deletions are visible when the statement returns. */
export const DELETION_SETTINGS = {
  mutations_sync: "2",
  lightweight_deletes_sync: "2",
  max_query_size: "16777216",
} as const;

const ROW_TABLES = ["samples", "histograms", "bucket_histograms"] as const;
const ROW_DAY = "toUInt16(least(greatest(intDiv(ts, 86400000), 0), 65535))";
const DAYS = "day >= toDate({fromDay:UInt16}) AND day <= toDate({untilDay:UInt16})";

/** Takes series out of the index of the days of a range on which nothing of them is left. */
export async function forgetEmptySeries(clickhouse: ClickHouse, request: ForgetRequest): Promise<void> {
  const { tenant, ids, signal } = request;
  if (ids.length === 0) return;
  const condition = conditionOf(ids);
  const { parameters } = seriesFilter(tenant, [], request);
  const partial = partialDays(request);
  const run = async (statement: string): Promise<void> =>
    clickhouse.command(statement, {
      parameters: { ...parameters, ...partial },
      settings: DELETION_SETTINGS,
      ...(signal && { signal }),
    });
  const remaining = `${remainingRows(condition)} UNION DISTINCT ${remainingChunks(condition, request.chunksCountOn)}`;
  await run(`DELETE FROM series WHERE tenant = {tenant:String} AND ${DAYS} AND ${condition}
    AND (metric_id, series_id, toUInt16(day)) NOT IN (${remaining})`);
  // Between the look for what is left and the deletion a sample may have come.
  await run(`INSERT INTO series (tenant, metric, metric_id, series_id, day, labels)
    SELECT d.tenant, d.metric, d.metric_id, d.series_id, toDate(s.day), d.labels
    FROM (${remainingRows(condition)}) AS s
    INNER JOIN (SELECT * FROM deleted_series FINAL WHERE ${condition}) AS d
    ON s.metric_id = d.metric_id AND s.series_id = d.series_id`);
}

/** Ids are numbers of our own index, so they may stand in the text. */
export function conditionOf(ids: readonly SeriesIds[]): string {
  const metricIds = new Set(ids.map(([metricId]) => metricId));
  const pairs = ids.map(([metricId, seriesId]) => `(${metricId},${seriesId})`);
  return `metric_id IN (${[...metricIds].join(",")}) AND (metric_id, series_id) IN (${pairs.join(",")})`;
}

/** The days of the range on which series have rows. */
function remainingRows(condition: string): string {
  const selects = ROW_TABLES.map(
    (table) => `SELECT DISTINCT metric_id, series_id, ${ROW_DAY} AS day FROM ${table}
      WHERE ${condition} AND day >= {fromDay:UInt16} AND day <= {untilDay:UInt16}`,
  );
  return selects.join(" UNION DISTINCT ");
}

/** The days that chunks with anything in them reach into: a window that ends at midnight has both days. */
function remainingChunks(condition: string, countOn: ForgetRequest["chunksCountOn"]): string {
  const inRange =
    countOn === "all days"
      ? "day >= {fromDay:UInt16} AND day <= {untilDay:UInt16}"
      : "day IN ({firstPartialDay:UInt16}, {lastPartialDay:UInt16})";
  const spanned = `start >= ({fromDay:Int64} * ${DAY_MS}) - {spanMs} AND start < ({untilDay:Int64} + 1) * ${DAY_MS}`;
  const from = (table: string, size: string, where: string, spanMs: number): string =>
    `SELECT DISTINCT metric_id, series_id, toUInt16(arrayJoin(range(
        toUInt32(greatest(intDiv(start, ${DAY_MS}), 0)),
        toUInt32(least(greatest(intDiv(start + ${spanMs}, ${DAY_MS}), 0), 65535)) + 1))) AS day
      FROM (SELECT metric_id, series_id, start, argMax(${size}, generation) AS left FROM ${table}
        WHERE ${condition} AND ${where}${spanned.replace("{spanMs}", String(spanMs))}
        GROUP BY metric_id, series_id, start)
      WHERE left > 0 AND ${inRange}`;
  const ofBuckets = [FIVE_MINUTES, ONE_HOUR].map(({ resolutionMs, blockMs }) =>
    from("bucket_chunks", "buckets", `resolution = ${resolutionMs} AND `, blockMs),
  );
  return [from("raw_chunks", "samples", "", WINDOW_MS), ...ofBuckets].join(" UNION DISTINCT ");
}

/** The first and the last day of the range, where it covers them in part; 65535 (no day that anyone has) else. */
function partialDays({ fromMs, untilMs }: TimeRange): { firstPartialDay: number; lastPartialDay: number } {
  const isWhole = (borderMs: string): boolean => BigInt(borderMs) % BigInt(DAY_MS) === 0n;
  const partial = (edgeMs: number, isCovered: boolean): number => {
    const day = Math.floor(edgeMs / DAY_MS);
    return isCovered || day < 0 || day >= NO_DAY ? NO_DAY : day;
  };
  return {
    firstPartialDay: partial(fromMs, isWhole(int64Text(fromMs))),
    lastPartialDay: partial(untilMs, isWhole(int64Text(untilMs + 1))),
  };
}

const NO_DAY = 65_535;
