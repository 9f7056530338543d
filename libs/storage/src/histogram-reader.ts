import type { ClickHouse, NativeBlock, QueryParameters } from "@monotreme/clickhouse";
import { COUNTER_RESET_HINTS, type Labels, type NativeHistogram } from "@monotreme/model";
import { isBetterHistogram } from "./better-histogram.ts";
import type { FoundSeries } from "./series-lookup.ts";

/** A histogram and its time in epoch ms. */
export interface TimedHistogram {
  readonly timestampMs: number;
  readonly histogram: NativeHistogram;
}

/** What is read from a table of series' rows. */
export interface RowRequest {
  /** SQL that picks the rows, with `parameters`. */
  readonly condition: string;
  readonly parameters: QueryParameters;
  readonly found: FoundSeries;
  readonly signal: AbortSignal | undefined;
}

/** What `histogramReader` needs, and whose histograms these are. */
export const HISTOGRAM_COLUMNS = `metric_id, series_id, toFloat64(ts) AS timestamp, schema, toInt8(hint) AS reset,
  zero_threshold, zero_count, count, sum, positive_offset, positive, negative_offset, negative, bounds`;

/** The same as the tables have them. */
export const STORED_HISTOGRAM_COLUMNS = `metric_id, series_id, ts, schema, hint, zero_threshold, zero_count, count, sum,
  positive_offset, positive, negative_offset, negative, bounds`;

/** This many buckets of histograms count as much as a sample, beside the one that each histogram is. */
const BUCKETS_A_SAMPLE = 16;

/**
 * The native histograms of the series in time order, one a timestamp, with their hints as they are stored.
 * `onSamples` hears how many samples' worth of memory each block takes, and may throw.
 */
export async function readHistograms(
  clickhouse: ClickHouse,
  { condition, parameters, found, signal, table = "histograms" }: RowRequest & { readonly table?: string },
  onSamples: (count: number) => void,
): Promise<ReadonlyMap<Labels, readonly TimedHistogram[]>> {
  const query = `SELECT ${HISTOGRAM_COLUMNS} FROM ${table} WHERE ${condition} ORDER BY metric_id, series_id, ts`;
  const bySeries = new Map<Labels, TimedHistogram[]>();
  for await (const block of clickhouse.selectNative(query, { parameters, ...(signal && { signal }) })) {
    const [metricIds, seriesIds] = [block.uint64("metric_id"), block.uint64("series_id")];
    const timestamps = block.float64("timestamp");
    const histogramAt = histogramReader(block);
    let buckets = 0;
    for (let row = 0; row < block.rowCount; row++) {
      const labels = found.get(metricIds[row] ?? 0n)?.get(seriesIds[row] ?? 0n);
      if (labels === undefined) continue;
      const timed = { timestampMs: timestamps[row] ?? 0, histogram: histogramAt(row) };
      buckets += timed.histogram.positiveBuckets.length + timed.histogram.negativeBuckets.length;
      const ofSeries = bySeries.get(labels);
      if (ofSeries === undefined) bySeries.set(labels, [timed]);
      else append(ofSeries, timed);
    }
    onSamples(block.rowCount + Math.floor(buckets / BUCKETS_A_SAMPLE));
  }
  return bySeries;
}

function append(histograms: TimedHistogram[], timed: TimedHistogram): void {
  const last = histograms.at(-1);
  if (last?.timestampMs !== timed.timestampMs) histograms.push(timed);
  else if (isBetterHistogram(timed.histogram, last.histogram)) histograms[histograms.length - 1] = timed;
}

/** The histogram in each row of a block. */
export function histogramReader(block: NativeBlock): (row: number) => NativeHistogram {
  const [schemas, hints] = [block.int8("schema"), block.int8("reset")];
  const [zeroThresholds, zeroCounts] = [block.float64("zero_threshold"), block.float64("zero_count")];
  const [counts, sums] = [block.float64("count"), block.float64("sum")];
  const [positiveOffsets, negativeOffsets] = [block.int32("positive_offset"), block.int32("negative_offset")];
  const [positives, negatives] = [block.float64Lists("positive"), block.float64Lists("negative")];
  const bounds = block.float64Lists("bounds");
  return (row) => ({
    schema: schemas[row] ?? 0,
    counterResetHint: COUNTER_RESET_HINTS[hints[row] ?? 0] ?? "unknown",
    zeroThreshold: zeroThresholds[row] ?? 0,
    zeroCount: zeroCounts[row] ?? 0,
    count: counts[row] ?? 0,
    sum: sums[row] ?? 0,
    positiveOffset: positiveOffsets[row] ?? 0,
    positiveBuckets: [...(positives[row] ?? [])],
    negativeOffset: negativeOffsets[row] ?? 0,
    negativeBuckets: [...(negatives[row] ?? [])],
    customBounds: [...(bounds[row] ?? [])],
  });
}
