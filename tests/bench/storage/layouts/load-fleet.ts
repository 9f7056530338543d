import { startOf, WINDOW_MS } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import { createSeriesHasher, METRIC_NAME } from "@monotreme/model";
import { RawChunkBatch } from "@monotreme/storage";
import type { FleetTarget } from "../fleet.ts";

const TENANT = "anonymous";
const MAX_EXPONENT = 9;

/** The ids of a series that a reader asks for. */
export interface LoadedSeries {
  readonly name: string;
  readonly metricId: bigint;
  readonly seriesId: bigint;
  readonly target: bigint;
}

/** What was loaded. */
export interface LoadedFleet {
  readonly samples: number;
  readonly series: readonly LoadedSeries[];
}

/** Arrays of every kind, from which all other tables are filled. */
export const LOADED = `CREATE TABLE loaded (target UInt64, metric_id UInt64, series_id UInt64, start Int64,
  times Array(Float64), floats Array(Float64), mantissas Array(Float64), exponent Int8)
  ENGINE = MergeTree ORDER BY (metric_id, series_id, start)`;

interface Row {
  readonly series: LoadedSeries;
  readonly startMs: number;
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** Writes a fleet's samples into `loaded` and `raw_chunks`. */
export async function loadFleet(clickhouse: ClickHouse, targets: Iterable<FleetTarget>): Promise<LoadedFleet> {
  const hasher = await createSeriesHasher();
  const all: LoadedSeries[] = [];
  let samples = 0;
  for (const { timestamps, series } of targets) {
    const rows: Row[] = [];
    const windows = windowsOf(timestamps);
    for (const { labels, values } of series) {
      const name = labels.get(METRIC_NAME);
      const ids = { metricId: hasher.metricId(TENANT, name), seriesId: hasher.seriesId(TENANT, labels) };
      const loaded = { name, ...ids, target: hasher.metricId(TENANT, labels.get("instance")) };
      all.push(loaded);
      for (const { startMs, from, to } of windows) {
        const [inTimes, inValues] = [timestamps.subarray(from, to), values.subarray(from, to)];
        rows.push({ series: loaded, startMs, times: inTimes, values: inValues });
      }
      samples += timestamps.length;
    }
    await insertArrays(clickhouse, rows);
    await insertChunks(clickhouse, rows);
  }
  return { samples, series: all };
}

/** The runs of ascending timestamps that lie in one window each. */
export function windowsOf(timestamps: Float64Array): readonly { startMs: number; from: number; to: number }[] {
  const windows: { startMs: number; from: number; to: number }[] = [];
  for (let from = 0; from < timestamps.length; ) {
    const startMs = startOf(timestamps[from]!, WINDOW_MS);
    let to = from + 1;
    while (to < timestamps.length && timestamps[to]! <= startMs + WINDOW_MS) to++;
    windows.push({ startMs, from, to });
    from = to;
  }
  return windows;
}

/** Two 32-bit words of an id, low first. */
export function wordsOfId(id: bigint): readonly [low: number, high: number] {
  return [Number(id & 0xffffffffn), Number(id >> 32n)];
}

async function insertArrays(clickhouse: ClickHouse, rows: readonly Row[]): Promise<void> {
  const lists = (name: string, columns: readonly Float64Array[]) =>
    ({
      name,
      type: "Array(Float64)",
      pieces: columns.map((column) => ({ lengths: Uint32Array.of(column.length), bytes: bytesOf(column) })),
    }) as const;
  const ids = (name: string, idOf: (series: LoadedSeries) => bigint) =>
    ({ name, type: "UInt64", chunks: [bytesOf(BigUint64Array.from(rows, ({ series }) => idOf(series)))] }) as const;
  const decimals = rows.map(({ values }) => decimalsOf(values));
  const columns = [
    ids("target", ({ target }) => target),
    ids("metric_id", ({ metricId }) => metricId),
    ids("series_id", ({ seriesId }) => seriesId),
    { name: "start", type: "Int64", chunks: [bytesOf(BigInt64Array.from(rows, ({ startMs }) => BigInt(startMs)))] },
    lists(
      "times",
      rows.map(({ times }) => times),
    ),
    lists(
      "floats",
      rows.map(({ values }) => values),
    ),
    lists(
      "mantissas",
      decimals.map(({ mantissas }) => mantissas),
    ),
    { name: "exponent", type: "Int8", chunks: [bytesOf(Int8Array.from(decimals, ({ exponent }) => exponent))] },
  ] as const;
  await clickhouse.insertNative("loaded", [...columns], rows.length);
}

async function insertChunks(clickhouse: ClickHouse, rows: readonly Row[]): Promise<void> {
  for (const startMs of new Set(rows.map((row) => row.startMs))) {
    const batch = new RawChunkBatch({ startMs, generation: 1 });
    for (const { series, times, values } of rows.filter((row) => row.startMs === startMs)) {
      const [metricIdLow, metricIdHigh] = wordsOfId(series.metricId);
      const [seriesIdLow, seriesIdHigh] = wordsOfId(series.seriesId);
      const ids = { metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh };
      batch.add({ className: "default", ...ids }, { timestamps: times, values });
    }
    await batch.insert(clickhouse, { deduplicationToken: `${startMs}/${rows[0]?.series.seriesId}` });
  }
}

/** Values as whole numbers of one power of ten; none, and an exponent of −1, where they are not such decimals. */
function decimalsOf(values: Float64Array): { readonly mantissas: Float64Array; readonly exponent: number } {
  for (let exponent = 0; exponent <= MAX_EXPONENT; exponent++) {
    const power = 10 ** exponent;
    const isDecimal = (value: number): boolean => {
      const mantissa = Math.round(value * power);
      return Number.isSafeInteger(mantissa) && Object.is(mantissa / power, value);
    };
    if (values.every(isDecimal)) return { mantissas: values.map((value) => Math.round(value * power)), exponent };
  }
  return { mantissas: new Float64Array(), exponent: -1 };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
