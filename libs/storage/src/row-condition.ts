import { type Matcher, METRIC_NAME } from "@monotreme/model";
import type { SeriesFilter } from "./series-filter.ts";
import type { FoundSeries } from "./series-lookup.ts";

/** Up to here the ids of the series stand in the query; beyond, the server looks them up again by the same matchers. */
const MAX_IDS_IN_QUERY = 10_000;

/**
 * The condition on a table with `metric_id` and `series_id` that picks the rows of the series that `filter` found by
 * the given sets of matchers. Ids are numbers of our own index, so they may stand in the text.
 */
export function idCondition(
  matcherSets: readonly (readonly Matcher[])[],
  filter: SeriesFilter,
  found: FoundSeries,
): string {
  const lookup = `SELECT metric_id, series_id FROM series WHERE ${filter.condition}`;
  const seriesCount = [...found.values()].reduce((sum, ofMetric) => sum + ofMetric.size, 0);
  if (found.size > MAX_IDS_IN_QUERY) return `(metric_id, series_id) IN (${lookup})`;
  const metrics = `metric_id IN (${[...found.keys()].join(",")})`;
  // Only the name is asked for: the metrics' rows are the series' rows.
  const isByName = matcherSets.every((set) => set.length > 0 && set.every((matcher) => matcher.name === METRIC_NAME));
  if (matcherSets.length > 0 && isByName) return metrics;
  if (seriesCount > MAX_IDS_IN_QUERY) return `${metrics} AND (metric_id, series_id) IN (${lookup})`;
  const seriesIds = [...found.values()].flatMap((ofMetric) => [...ofMetric.keys()]);
  return `${metrics} AND series_id IN (${seriesIds.join(",")})`;
}

const LARGEST_INT64 = 2n ** 63n - 1n;

/** An instant as the text of an Int64; instants beyond its range count as its ends. */
export function int64Text(timestampMs: number): string {
  if (timestampMs >= 2 ** 63) return LARGEST_INT64.toString();
  if (timestampMs <= -(2 ** 63)) return (-LARGEST_INT64).toString();
  return BigInt(Math.floor(timestampMs)).toString();
}
