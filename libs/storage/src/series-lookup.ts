import type { ClickHouse } from "@monotreme/clickhouse";
import { AppError } from "@monotreme/errors";
import type { Labels } from "@monotreme/model";
import { LabelsReader } from "./labels-reader.ts";
import type { SeriesFilter } from "./series-filter.ts";

/** The series that a filter found: labels by series id, by metric id. */
export type FoundSeries = ReadonlyMap<bigint, ReadonlyMap<bigint, Labels>>;

export interface SeriesLookupOptions {
  /** Finding more is an error, because each costs memory in this process. */
  readonly maxSeries: number;
  readonly signal: AbortSignal | undefined;
}

/** Finds the series of a filter; throws QUERY_TOO_MANY_SERIES beyond the limit. */
export async function findSeries(
  clickhouse: ClickHouse,
  { condition, parameters }: SeriesFilter,
  { maxSeries, signal }: SeriesLookupOptions,
): Promise<FoundSeries> {
  const query = `SELECT metric_id, series_id, labels FROM series WHERE ${condition}
    LIMIT 1 BY metric_id, series_id LIMIT ${maxSeries + 1}`;
  const found = new Map<bigint, Map<bigint, Labels>>();
  const reader = new LabelsReader();
  let count = 0;
  for await (const block of clickhouse.selectNative(query, { parameters, ...(signal && { signal }) })) {
    count += block.rowCount;
    if (count > maxSeries) throw tooManySeries(maxSeries);
    const metricIds = block.uint64("metric_id");
    const seriesIds = block.uint64("series_id");
    for (const [row, pairs] of block.lists("labels").entries()) {
      const metricId = metricIds[row] ?? 0n;
      let ofMetric = found.get(metricId);
      if (ofMetric === undefined) found.set(metricId, (ofMetric = new Map()));
      ofMetric.set(seriesIds[row] ?? 0n, reader.read(pairs));
    }
  }
  return found;
}

function tooManySeries(maxSeries: number): AppError {
  return new AppError("QUERY_TOO_MANY_SERIES", "limit", `the query matches more than ${maxSeries} series`);
}
