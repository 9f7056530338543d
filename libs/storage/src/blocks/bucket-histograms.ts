import type { ClickHouse, SelectOptions } from "@monotreme/clickhouse";
import { COUNTER_RESET_HINTS, type Labels, type NativeHistogram } from "@monotreme/model";
import { isBetterHistogram } from "../better-histogram.ts";
import {
  HISTOGRAM_COLUMNS,
  histogramReader,
  readHistograms,
  type RowRequest,
  type TimedHistogram,
} from "../histogram-reader.ts";
import { histogramColumns, type NumberLists } from "../sample-store.ts";
import type { BucketOrigin } from "./bucket-chunk-batch.ts";
import type { ChunkInsertOptions, ChunkSeries } from "./raw-chunk-batch.ts";

/** A histogram with the ids of its series as words. */
export interface StoredHistogram extends TimedHistogram, Omit<ChunkSeries, "className"> {}

/** A histogram as it goes into the table of thinned ones. */
export interface BucketHistogramRow extends StoredHistogram {
  readonly className: string;
}

/** What is read of a table of histograms. */
export interface HistogramStream extends Pick<SelectOptions, "parameters" | "settings" | "signal" | "maxBytes"> {
  readonly table: "histograms" | "bucket_histograms";
  readonly condition: string;
}

/** The histograms that satisfy a condition, by series and in time order, one a timestamp by the rule for readers. */
export async function* streamHistograms(
  clickhouse: ClickHouse,
  stream: HistogramStream,
): AsyncGenerator<StoredHistogram> {
  let last: StoredHistogram | undefined;
  for await (const next of streamRows(clickhouse, stream)) {
    if (last !== undefined && last.timestampMs === next.timestampMs && isSameSeries(last, next)) {
      if (isBetterHistogram(next.histogram, last.histogram)) last = next;
      continue;
    }
    if (last !== undefined) yield last;
    last = next;
  }
  if (last !== undefined) yield last;
}

/** Whether two histograms are of one series. */
export function isSameSeries(a: StoredHistogram, b: StoredHistogram): boolean {
  return (
    a.seriesIdLow === b.seriesIdLow &&
    a.seriesIdHigh === b.seriesIdHigh &&
    a.metricIdLow === b.metricIdLow &&
    a.metricIdHigh === b.metricIdHigh
  );
}

async function* streamRows(
  clickhouse: ClickHouse,
  { table, condition, ...options }: HistogramStream,
): AsyncGenerator<StoredHistogram> {
  const query = `SELECT ${HISTOGRAM_COLUMNS} FROM ${table} WHERE ${condition} ORDER BY metric_id, series_id, ts`;
  for await (const block of clickhouse.selectNative(query, options)) {
    const [metricIds, seriesIds] = [block.words64("metric_id"), block.words64("series_id")];
    const histogramAt = histogramReader(block);
    for (const [row, timestampMs] of block.float64("timestamp").entries()) {
      yield {
        metricIdLow: metricIds[row * 2]!,
        metricIdHigh: metricIds[row * 2 + 1]!,
        seriesIdLow: seriesIds[row * 2]!,
        seriesIdHigh: seriesIds[row * 2 + 1]!,
        timestampMs,
        histogram: histogramAt(row),
      };
    }
  }
}

/** As `readHistograms`, of those that were kept at a resolution. */
export async function readBucketHistograms(
  clickhouse: ClickHouse,
  resolutionMs: number,
  request: RowRequest,
  onSamples: (count: number) => void,
): Promise<ReadonlyMap<Labels, readonly TimedHistogram[]>> {
  const condition = `resolution = ${resolutionMs} AND ${request.condition}`;
  return readHistograms(clickhouse, { ...request, condition, table: "bucket_histograms" }, onSamples);
}

/** Inserts thinned histograms of one block; on disk when the promise resolves. A repeat with the same token adds nothing. */
export async function insertBucketHistograms(
  clickhouse: ClickHouse,
  rows: readonly BucketHistogramRow[],
  { resolution, startMs, generation }: BucketOrigin,
  { deduplicationToken, signal }: ChunkInsertOptions,
): Promise<void> {
  if (rows.length === 0) return;
  const resolutions = new Uint32Array(rows.length).fill(resolution.resolutionMs);
  const starts = new BigInt64Array(rows.length).fill(BigInt(startMs));
  const generations = new BigUint64Array(rows.length).fill(BigInt(generation));
  const columns = [
    { name: "class", type: "String", values: rows.map(({ className }) => className) },
    { name: "resolution", type: "UInt32", chunks: [new Uint8Array(resolutions.buffer)] },
    { name: "start", type: "Int64", chunks: [new Uint8Array(starts.buffer)] },
    { name: "generation", type: "UInt64", chunks: [new Uint8Array(generations.buffer)] },
    ...histogramColumns(insertOf(rows)),
  ] as const;
  await clickhouse.insertNative("bucket_histograms", columns, rows.length, {
    deduplicationToken,
    settings: { max_partitions_per_insert_block: "0" },
    ...(signal && { signal }),
  });
}

function insertOf(rows: readonly BucketHistogramRow[]): Parameters<typeof histogramColumns>[0] {
  const floats = (pick: (histogram: NativeHistogram) => number) => [
    Float64Array.from(rows, ({ histogram }) => pick(histogram)),
  ];
  const integers = (pick: (histogram: NativeHistogram) => number) => [
    Int32Array.from(rows, ({ histogram }) => pick(histogram)),
  ];
  const lists = (pick: (histogram: NativeHistogram) => readonly number[]): NumberLists[] => {
    const all = rows.map(({ histogram }) => pick(histogram));
    return [{ lengths: Uint32Array.from(all, ({ length }) => length), values: Float64Array.from(all.flat()) }];
  };
  const timestamps = BigInt64Array.from(rows, ({ timestampMs }) => BigInt(timestampMs));
  return {
    rowCount: rows.length,
    metricIds: [Uint32Array.from(rows.flatMap((row) => [row.metricIdLow, row.metricIdHigh]))],
    seriesIds: [Uint32Array.from(rows.flatMap((row) => [row.seriesIdLow, row.seriesIdHigh]))],
    timestamps: [new Uint32Array(timestamps.buffer)],
    schemas: [Int8Array.from(rows, ({ histogram }) => histogram.schema)],
    hints: [Uint8Array.from(rows, ({ histogram }) => COUNTER_RESET_HINTS.indexOf(histogram.counterResetHint))],
    zeroThresholds: floats(({ zeroThreshold }) => zeroThreshold),
    zeroCounts: floats(({ zeroCount }) => zeroCount),
    counts: floats(({ count }) => count),
    sums: floats(({ sum }) => sum),
    positiveOffsets: integers(({ positiveOffset }) => positiveOffset),
    positiveBuckets: lists(({ positiveBuckets }) => positiveBuckets),
    negativeOffsets: integers(({ negativeOffset }) => negativeOffset),
    negativeBuckets: lists(({ negativeBuckets }) => negativeBuckets),
    customBounds: lists(({ customBounds }) => customBounds),
  };
}
