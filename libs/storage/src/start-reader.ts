import type { ClickHouse } from "@monotreme/clickhouse";
import type { Labels } from "@monotreme/model";
import type { SeriesSamples } from "@monotreme/promql";
import type { RowRequest } from "./histogram-reader.ts";

/** The start timestamps of a series' samples by the samples' time, both in epoch ms. */
export type StartsByTime = ReadonlyMap<number, number>;

/** The start timestamps of the series that have any; of several for one sample the latest. */
export async function readStarts(
  clickhouse: ClickHouse,
  { condition, parameters, found, signal }: RowRequest,
): Promise<ReadonlyMap<Labels, StartsByTime>> {
  const query = `SELECT metric_id, series_id, toFloat64(ts) AS timestamp, toFloat64(max(start)) AS latest FROM starts
    WHERE ${condition} GROUP BY metric_id, series_id, ts`;
  const bySeries = new Map<Labels, Map<number, number>>();
  for await (const block of clickhouse.selectNative(query, { parameters, ...(signal && { signal }) })) {
    const [metricIds, seriesIds] = [block.uint64("metric_id"), block.uint64("series_id")];
    const [timestamps, starts] = [block.float64("timestamp"), block.float64("latest")];
    for (let row = 0; row < block.rowCount; row++) {
      const labels = found.get(metricIds[row] ?? 0n)?.get(seriesIds[row] ?? 0n);
      if (labels === undefined) continue;
      let ofSeries = bySeries.get(labels);
      if (ofSeries === undefined) bySeries.set(labels, (ofSeries = new Map()));
      ofSeries.set(timestamps[row] ?? 0, starts[row] ?? 0);
    }
  }
  return bySeries;
}

/** The series with the start timestamps of its samples, NaN where there is none. */
export function withStarts(series: SeriesSamples, starts: StartsByTime | undefined): SeriesSamples {
  if (starts === undefined) return series;
  return { ...series, startTimestamps: series.timestamps.map((timestampMs) => starts.get(timestampMs) ?? Number.NaN) };
}
