import type { HistogramColumns } from "@monotreme/contracts";
import { createSeriesHasher, type Labels } from "@monotreme/model";
import type { HistogramInsert, SampleInsert, SeriesRow } from "@monotreme/storage";

/** One sample of a series, its value as a number or as the two words of its bits. */
export interface FixtureSample {
  readonly labels: Labels;
  readonly timestampMs: number;
  readonly value: number | readonly [low: number, high: number];
}

export interface FixtureRows {
  readonly samples: SampleInsert;
  readonly series: readonly SeriesRow[];
}

const DAY_MS = 86_400_000;

/** Rows as an ingester would write them, each series announced on the days of its samples. */
export async function fixtureRows(tenant: string, samples: readonly FixtureSample[]): Promise<FixtureRows> {
  const hasher = await createSeriesHasher();
  const metricIds = new BigUint64Array(samples.length);
  const seriesIds = new BigUint64Array(samples.length);
  const timestamps = new BigInt64Array(samples.length);
  const values = new Float64Array(samples.length);
  const valueWords = new Uint32Array(values.buffer);
  const series = new Map<string, SeriesRow>();
  for (const [i, { labels, timestampMs, value }] of samples.entries()) {
    const metricId = hasher.metricId(tenant, labels.metricName);
    const seriesId = hasher.seriesId(tenant, labels);
    metricIds[i] = metricId;
    seriesIds[i] = seriesId;
    timestamps[i] = BigInt(timestampMs);
    if (typeof value === "number") values[i] = value;
    else valueWords.set(value, i * 2);
    const day = Math.floor(timestampMs / DAY_MS);
    series.set(`${labels.key}/${day}`, { tenant, ...wordsOfIds(metricId, seriesId), day, labels });
  }
  return {
    samples: {
      rowCount: samples.length,
      metricIds: [new Uint32Array(metricIds.buffer)],
      seriesIds: [new Uint32Array(seriesIds.buffer)],
      timestamps: [new Uint32Array(timestamps.buffer)],
      values: [valueWords],
    },
    series: [...series.values()],
  };
}

/** Both ids as words. */
export function wordsOfIds(
  metricId: bigint,
  seriesId: bigint,
): { metricIdLow: number; metricIdHigh: number; seriesIdLow: number; seriesIdHigh: number } {
  return {
    metricIdLow: Number(metricId & 0xffffffffn),
    metricIdHigh: Number(metricId >> 32n),
    seriesIdLow: Number(seriesId & 0xffffffffn),
    seriesIdHigh: Number(seriesId >> 32n),
  };
}

/** The histograms of one message as an insert. */
export function histogramInsertOf(columns: HistogramColumns): HistogramInsert {
  return {
    rowCount: columns.rowCount,
    metricIds: [columns.metricIds],
    seriesIds: [columns.seriesIds],
    timestamps: [columns.timestamps],
    schemas: [columns.schemas],
    hints: [columns.hints],
    zeroThresholds: [columns.zeroThresholds],
    zeroCounts: [columns.zeroCounts],
    counts: [columns.counts],
    sums: [columns.sums],
    positiveOffsets: [columns.positiveOffsets],
    positiveBuckets: [columns.positiveBuckets],
    negativeOffsets: [columns.negativeOffsets],
    negativeBuckets: [columns.negativeBuckets],
    customBounds: [columns.customBounds],
  };
}
