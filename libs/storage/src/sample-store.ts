import type { ClickHouse, NativeColumn } from "@monotreme/clickhouse";
import { AppError } from "@monotreme/errors";
import { type Labels, METRIC_NAME, type MetricMetadata } from "@monotreme/model";
import { indexDay } from "./day.ts";
import { type InsertProbe, isStored, metadataProbe, rowsProbe, seriesProbe } from "./insert-probe.ts";

/**
 * Samples as columns of 64-bit little-endian entries in pieces of any length (the columns of several messages, as they
 * came); row `i` of each column belongs together. Rows may come in any order.
 */
export interface SampleInsert {
  readonly rowCount: number;
  readonly metricIds: readonly Uint32Array[];
  readonly seriesIds: readonly Uint32Array[];
  /** Signed epoch ms. */
  readonly timestamps: readonly Uint32Array[];
  /** The bits of a float64. */
  readonly values: readonly Uint32Array[];
}

/** A series on a day (days since 1970-01-01) on which it has samples. */
export interface SeriesRow {
  readonly tenant: string;
  readonly metricIdLow: number;
  readonly metricIdHigh: number;
  readonly seriesIdLow: number;
  readonly seriesIdHigh: number;
  readonly day: number;
  readonly labels: Labels;
}

/**
 * Native histograms as columns in pieces, as in {@link SampleInsert}; buckets and bounds as lists whose lengths stand
 * beside all their values in turn.
 */
export interface HistogramInsert {
  readonly rowCount: number;
  readonly metricIds: readonly Uint32Array[];
  readonly seriesIds: readonly Uint32Array[];
  readonly timestamps: readonly Uint32Array[];
  readonly schemas: readonly Int8Array[];
  /** Indexes into `COUNTER_RESET_HINTS`. */
  readonly hints: readonly Uint8Array[];
  readonly zeroThresholds: readonly Float64Array[];
  readonly zeroCounts: readonly Float64Array[];
  readonly counts: readonly Float64Array[];
  readonly sums: readonly Float64Array[];
  readonly positiveOffsets: readonly Int32Array[];
  readonly positiveBuckets: readonly NumberLists[];
  readonly negativeOffsets: readonly Int32Array[];
  readonly negativeBuckets: readonly NumberLists[];
  readonly customBounds: readonly NumberLists[];
}

/** Lists of numbers: how long each is, and all of them in turn. */
export interface NumberLists {
  readonly lengths: Uint32Array;
  readonly values: Float64Array;
}

/** When the counting of a sample began, for samples of which that is known. */
export interface StartInsert {
  readonly rowCount: number;
  readonly metricIds: readonly Uint32Array[];
  readonly seriesIds: readonly Uint32Array[];
  /** Signed epoch ms, as are `starts`. */
  readonly timestamps: readonly Uint32Array[];
  readonly starts: readonly Uint32Array[];
}

/** One exemplar of a series. */
export interface ExemplarRow {
  readonly metricIdLow: number;
  readonly metricIdHigh: number;
  readonly seriesIdLow: number;
  readonly seriesIdHigh: number;
  readonly timestampMs: number;
  readonly value: number;
  readonly labels: Labels;
}

export interface MetadataRow extends MetricMetadata {
  readonly tenant: string;
}

export interface WriteOptions {
  /** The same rows with the same token are stored once, as long as the table remembers (10,000 inserts). */
  readonly deduplicationToken: string;
  /**
   * An earlier attempt may have reached the server. A server that is killed between remembering a token and keeping its
   * rows drops the repeat, so the store then looks whether the rows are there, and inserts them again where they are not.
   */
  readonly isRepeat?: boolean;
  /** Rows of an earlier attempt were not there, though the server remembers its token; they are inserted again. */
  readonly onLost?: () => void;
  readonly signal?: AbortSignal;
}

/** Inserts of one batch that a server may lose by being killed at the wrong moment, before that is an error. */
const MAX_LOST_INSERTS = 5;

/** Writes rows; each call is one insert, and the rows are on disk and visible when its promise resolves. */
export interface SampleStore {
  /** Best with rows of one UTC day: each day costs a part on disk. */
  insertSamples(samples: SampleInsert, options: WriteOptions): Promise<void>;
  insertSeries(rows: readonly SeriesRow[], options: WriteOptions): Promise<void>;
  insertMetadata(rows: readonly MetadataRow[], options: WriteOptions): Promise<void>;
  insertHistograms(histograms: HistogramInsert, options: WriteOptions): Promise<void>;
  insertExemplars(rows: readonly ExemplarRow[], options: WriteOptions): Promise<void>;
  insertStarts(starts: StartInsert, options: WriteOptions): Promise<void>;
}

/** ClickHouse says that an insert is stored, and its rows are not there. */
class RowsLostError extends AppError {
  constructor(table: string) {
    super("STORAGE_ROWS_LOST", "unavailable", `rows inserted into ${table} are not there, again and again`);
  }
}

export function createSampleStore(clickhouse: ClickHouse): SampleStore {
  const insertOnce = async (
    table: string,
    columns: NativeColumn[],
    rowCount: number,
    { deduplicationToken, signal }: WriteOptions,
  ): Promise<void> => {
    // A hostile batch may touch many days; it must not be refused for ever because of that.
    const settings = { max_partitions_per_insert_block: "0" };
    await clickhouse.insertNative(table, columns, rowCount, {
      deduplicationToken,
      settings,
      ...(signal && { signal }),
    });
  };
  const insert = async (
    table: string,
    columns: NativeColumn[],
    rowCount: number,
    options: WriteOptions,
    probe: () => InsertProbe,
  ): Promise<void> => {
    if (rowCount === 0) return;
    await insertOnce(table, columns, rowCount, options);
    if (options.isRepeat !== true) return;
    for (let lost = 1; !(await isStored(clickhouse, probe(), options.signal)); lost++) {
      options.onLost?.();
      if (lost > MAX_LOST_INSERTS) throw new RowsLostError(table);
      const deduplicationToken = `${options.deduplicationToken}/again-${lost}`;
      await insertOnce(table, columns, rowCount, { ...options, deduplicationToken });
    }
  };
  return {
    insertSamples: (rows, options) =>
      insert("samples", sampleColumns(rows), rows.rowCount, options, () => rowsProbe("samples", rows)),
    insertSeries: (rows, options) =>
      insert("series", seriesColumns(rows), rows.length, options, () => seriesProbe(rows)),
    insertMetadata: (rows, options) =>
      insert("metadata", metadataColumns(rows), rows.length, options, () => metadataProbe(rows)),
    insertHistograms: (rows, options) =>
      insert("histograms", histogramColumns(rows), rows.rowCount, options, () => rowsProbe("histograms", rows)),
    insertExemplars: (rows, options) =>
      insert("exemplars", exemplarColumns(rows), rows.length, options, () =>
        rowsProbe("exemplars", exemplarKeys(rows)),
      ),
    insertStarts: (rows, options) =>
      insert("starts", startColumns(rows), rows.rowCount, options, () => rowsProbe("starts", rows)),
  };
}

function sampleColumns(samples: SampleInsert): NativeColumn[] {
  return [
    { name: "metric_id", type: "UInt64", chunks: samples.metricIds.map(bytesOf) },
    { name: "series_id", type: "UInt64", chunks: samples.seriesIds.map(bytesOf) },
    { name: "ts", type: "Int64", chunks: samples.timestamps.map(bytesOf) },
    { name: "value", type: "Float64", chunks: samples.values.map(bytesOf) },
  ];
}

function seriesColumns(rows: readonly SeriesRow[]): NativeColumn[] {
  const metricIds = new Uint32Array(rows.length * 2);
  const seriesIds = new Uint32Array(rows.length * 2);
  const days = new Uint16Array(rows.length);
  for (const [i, row] of rows.entries()) {
    metricIds[i * 2] = row.metricIdLow;
    metricIds[i * 2 + 1] = row.metricIdHigh;
    seriesIds[i * 2] = row.seriesIdLow;
    seriesIds[i * 2 + 1] = row.seriesIdHigh;
    days[i] = indexDay(row.day);
  }
  return [
    { name: "tenant", type: "String", values: rows.map((row) => row.tenant) },
    { name: "metric", type: "String", values: rows.map((row) => row.labels.get(METRIC_NAME)) },
    { name: "metric_id", type: "UInt64", chunks: [bytesOf(metricIds)] },
    { name: "series_id", type: "UInt64", chunks: [bytesOf(seriesIds)] },
    { name: "day", type: "Date", chunks: [new Uint8Array(days.buffer)] },
    { name: "labels", type: "Map(String, String)", values: rows.map((row) => [...row.labels].flat()) },
  ];
}

function metadataColumns(rows: readonly MetadataRow[]): NativeColumn[] {
  return (["tenant", "metric", "type", "unit", "help"] as const).map((name) => ({
    name,
    type: "String",
    values: rows.map((row) => row[name]),
  }));
}

/** All columns of a table of histograms. */
export function histogramColumns(rows: HistogramInsert): NativeColumn[] {
  return [
    { name: "metric_id", type: "UInt64", chunks: rows.metricIds.map(bytesOf) },
    { name: "series_id", type: "UInt64", chunks: rows.seriesIds.map(bytesOf) },
    { name: "ts", type: "Int64", chunks: rows.timestamps.map(bytesOf) },
    { name: "schema", type: "Int8", chunks: rows.schemas.map(bytesOf) },
    { name: "hint", type: "UInt8", chunks: rows.hints },
    { name: "zero_threshold", type: "Float64", chunks: rows.zeroThresholds.map(bytesOf) },
    { name: "zero_count", type: "Float64", chunks: rows.zeroCounts.map(bytesOf) },
    { name: "count", type: "Float64", chunks: rows.counts.map(bytesOf) },
    { name: "sum", type: "Float64", chunks: rows.sums.map(bytesOf) },
    { name: "positive_offset", type: "Int32", chunks: rows.positiveOffsets.map(bytesOf) },
    { name: "positive", type: "Array(Float64)", pieces: rows.positiveBuckets.map(pieceOf) },
    { name: "negative_offset", type: "Int32", chunks: rows.negativeOffsets.map(bytesOf) },
    { name: "negative", type: "Array(Float64)", pieces: rows.negativeBuckets.map(pieceOf) },
    { name: "bounds", type: "Array(Float64)", pieces: rows.customBounds.map(pieceOf) },
  ];
}

function startColumns(rows: StartInsert): NativeColumn[] {
  return [
    { name: "metric_id", type: "UInt64", chunks: rows.metricIds.map(bytesOf) },
    { name: "series_id", type: "UInt64", chunks: rows.seriesIds.map(bytesOf) },
    { name: "ts", type: "Int64", chunks: rows.timestamps.map(bytesOf) },
    { name: "start", type: "Int64", chunks: rows.starts.map(bytesOf) },
  ];
}

function exemplarColumns(rows: readonly ExemplarRow[]): NativeColumn[] {
  const words = (pick: (row: ExemplarRow) => readonly [low: number, high: number]): Uint8Array[] => [
    bytesOf(Uint32Array.from(rows.flatMap(pick))),
  ];
  const timestamps = BigInt64Array.from(rows, ({ timestampMs }) => BigInt(timestampMs));
  const values = Float64Array.from(rows, ({ value }) => value);
  return [
    { name: "metric_id", type: "UInt64", chunks: words((row) => [row.metricIdLow, row.metricIdHigh]) },
    { name: "series_id", type: "UInt64", chunks: words((row) => [row.seriesIdLow, row.seriesIdHigh]) },
    { name: "ts", type: "Int64", chunks: [bytesOf(timestamps)] },
    { name: "value", type: "Float64", chunks: [bytesOf(values)] },
    { name: "labels", type: "Map(String, String)", values: rows.map((row) => [...row.labels].flat()) },
  ];
}

function exemplarKeys(rows: readonly ExemplarRow[]) {
  return {
    metricIds: [Uint32Array.from(rows.flatMap((row) => [row.metricIdLow, row.metricIdHigh]))],
    seriesIds: [Uint32Array.from(rows.flatMap((row) => [row.seriesIdLow, row.seriesIdHigh]))],
    timestamps: [new Uint32Array(BigInt64Array.from(rows, ({ timestampMs }) => BigInt(timestampMs)).buffer)],
  };
}

function pieceOf({ lengths, values }: NumberLists): { lengths: Uint32Array; bytes: Uint8Array } {
  return { lengths, bytes: bytesOf(values) };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
