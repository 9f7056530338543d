import type { ClickHouse } from "@monotreme/clickhouse";
import { createSeriesHasher, Labels, wordsOf } from "@monotreme/model";
import { createSampleStore, dayOf, type SeriesRow } from "@monotreme/storage";

const TENANT = "anonymous";
const INTERVAL_MS = 15_000;
const SERIES_PER_INSERT = 500;

export interface StoredMetric {
  readonly name: string;
  readonly series: number;
  readonly samplesPerSeries: number;
  /** Epoch ms of the last sample. */
  readonly endMs: number;
}

/** Writes a metric's series straight into ClickHouse, a sample every 15 s. */
export async function storeMetric(clickhouse: ClickHouse, metric: StoredMetric): Promise<void> {
  for (let first = 0; first < metric.series; first += SERIES_PER_INSERT) {
    await storeSeries(clickhouse, metric, first, Math.min(first + SERIES_PER_INSERT, metric.series));
  }
}

async function storeSeries(
  clickhouse: ClickHouse,
  { name, samplesPerSeries, endMs }: StoredMetric,
  first: number,
  end: number,
): Promise<void> {
  const hasher = await createSeriesHasher();
  const store = createSampleStore(clickhouse);
  const rowCount = (end - first) * samplesPerSeries;
  const metricId = hasher.metricId(TENANT, name);
  const metricIds = new BigUint64Array(rowCount).fill(metricId);
  const seriesIds = new BigUint64Array(rowCount);
  const timestamps = new BigInt64Array(rowCount);
  const values = new Float64Array(rowCount);
  const series: SeriesRow[] = [];
  let row = 0;
  for (let i = first; i < end; i++) {
    const labels = Labels.fromObject({ __name__: name, job: "node", instance: `host-${i}`, group: String(i % 7) });
    const id = hasher.seriesId(TENANT, labels);
    const words = new Uint32Array(BigUint64Array.of(metricId, id).buffer);
    const [metricIdLow = 0, metricIdHigh = 0, seriesIdLow = 0, seriesIdHigh = 0] = words;
    for (const day of new Set([dayOf(endMs), dayOf(endMs - samplesPerSeries * INTERVAL_MS)])) {
      series.push({ tenant: TENANT, metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, day, labels });
    }
    for (let n = 0; n < samplesPerSeries; n++, row++) {
      seriesIds[row] = id;
      timestamps[row] = BigInt(endMs - (samplesPerSeries - 1 - n) * INTERVAL_MS);
      values[row] = n * 7 + (i % 13);
    }
  }
  await store.insertSeries(series, { deduplicationToken: `${name}/${first}` });
  await store.insertSamples(
    {
      rowCount,
      metricIds: [new Uint32Array(metricIds.buffer)],
      seriesIds: [new Uint32Array(seriesIds.buffer)],
      timestamps: [new Uint32Array(timestamps.buffer)],
      values: [wordsOf(values)],
    },
    { deduplicationToken: `${name}/${first}` },
  );
}
