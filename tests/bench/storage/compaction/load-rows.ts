import type { ClickHouse } from "@monotreme/clickhouse";
import { createSeriesHasher, METRIC_NAME, wordsOf } from "@monotreme/model";
import { createSampleStore, dayOf, type SeriesRow } from "@monotreme/storage";
import type { FleetTarget } from "../fleet.ts";

const TENANT = "anonymous";

/** Inserts a fleet as rows, a target at a time, with the index of series of each day; answers how many samples there are. */
export async function loadRows(clickhouse: ClickHouse, targets: Iterable<FleetTarget>): Promise<number> {
  const hasher = await createSeriesHasher();
  const store = createSampleStore(clickhouse);
  let samples = 0;
  for (const { timestamps, series } of targets) {
    const perSeries = timestamps.length;
    const rowCount = perSeries * series.length;
    const [metricIds, seriesIds] = [new BigUint64Array(rowCount), new BigUint64Array(rowCount)];
    const [times, values] = [new BigInt64Array(rowCount), new Float64Array(rowCount)];
    const timesOfOne = BigInt64Array.from(timestamps, (timestamp) => BigInt(timestamp));
    const days = new Set([dayOf(timestamps[0]!), dayOf(timestamps.at(-1)!)]);
    const rows: SeriesRow[] = [];
    for (const [i, { labels, values: column }] of series.entries()) {
      const metricId = hasher.metricId(TENANT, labels.get(METRIC_NAME));
      const seriesId = hasher.seriesId(TENANT, labels);
      const from = i * perSeries;
      metricIds.fill(metricId, from, from + perSeries);
      seriesIds.fill(seriesId, from, from + perSeries);
      times.set(timesOfOne, from);
      values.set(column, from);
      const words = new Uint32Array(BigUint64Array.of(metricId, seriesId).buffer);
      const [metricIdLow = 0, metricIdHigh = 0, seriesIdLow = 0, seriesIdHigh = 0] = words;
      for (const day of days) {
        rows.push({ tenant: TENANT, metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, day, labels });
      }
    }
    const deduplicationToken = `${series[0]?.labels.get("instance")}/${timestamps[0]}`;
    await store.insertSeries(rows, { deduplicationToken });
    const [metrics, ids] = [new Uint32Array(metricIds.buffer), new Uint32Array(seriesIds.buffer)];
    await store.insertSamples(
      {
        rowCount,
        metricIds: [metrics],
        seriesIds: [ids],
        timestamps: [new Uint32Array(times.buffer)],
        values: [wordsOf(values)],
      },
      { deduplicationToken },
    );
    samples += rowCount;
  }
  return samples;
}
