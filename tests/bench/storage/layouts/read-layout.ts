import { ByteReader, unpackTimes, unpackValues } from "@monotreme/blocks";
import type { ClickHouse, NativeBlock } from "@monotreme/clickhouse";
import type { LoadedSeries } from "./load-fleet.ts";
import type { Layout } from "./layouts.ts";

/** What is read: one series, one metric in a window, or everything. */
export interface LayoutRead {
  readonly series?: LoadedSeries;
  readonly metricId?: bigint;
  /** Of a window. */
  readonly startMs?: number;
}

/** What came: the same of every layout. */
export interface ReadSamples {
  readonly samples: number;
  readonly sum: number;
}

const WINDOW_MS = 7_200_000;

/** Reads until timestamps and values stand in columns of doubles here, whatever has to be unpacked for that. */
export async function readLayout(clickhouse: ClickHouse, layout: Layout, read: LayoutRead): Promise<ReadSamples> {
  const query = `SELECT ${COLUMNS[layout.kind]} FROM ${layout.table} WHERE ${conditionOf(layout, read)}`;
  const settings = layout.kind === "packed" ? { low_cardinality_allow_in_native_format: 1 as const } : {};
  const total = { samples: 0, sum: 0 };
  for await (const block of clickhouse.selectNative(query, { settings })) {
    for (const values of ADD[layout.kind](block)) {
      total.samples += values.length;
      for (const value of values) if (value === value) total.sum += value;
    }
  }
  return total;
}

const COLUMNS: Readonly<Record<Layout["kind"], string>> = {
  rows: "metric_id, series_id, toFloat64(ts) AS timestamp, value",
  arrays: `metric_id, series_id, arrayMap(t -> toFloat64(t), ts) AS timestamps,
    if(exponent < 0, floats, arrayMap(m -> m / pow(10, exponent), mantissas)) AS column`,
  packed: "metric_id, series_id, toFloat64(start) AS start_ms, samples, times, data",
};

const ADD: Readonly<Record<Layout["kind"], (block: NativeBlock) => Iterable<Float64Array>>> = {
  rows: (block) => {
    block.float64("timestamp");
    return [block.float64("value")];
  },
  arrays: (block) => {
    block.float64Lists("timestamps");
    return block.float64Lists("column");
  },
  packed: unpackedOf,
};

function* unpackedOf(block: NativeBlock): Generator<Float64Array> {
  const [starts, samples] = [block.float64("start_ms"), block.uint32("samples")];
  const { keys, indexes } = block.dictionary("times");
  const { ends, bytes } = block.byteLists("data");
  const known = new Map<string, Float64Array>();
  for (let row = 0; row < block.rowCount; row++) {
    const key = `${indexes[row]}/${starts[row]}`;
    if (!known.has(key)) known.set(key, unpackTimes(keys[indexes[row]!]!, starts[row]!));
    const values = new Float64Array(samples[row]!);
    unpackValues(bytes, new ByteReader(bytes, ends[row - 1] ?? 0, ends[row]), values.length, values, 0);
    yield values;
  }
}

function conditionOf({ kind, isTargetFirst }: Layout, { series, metricId, startMs }: LayoutRead): string {
  const conditions = ["1"];
  if (series !== undefined) conditions.push(`metric_id = ${series.metricId}`, `series_id = ${series.seriesId}`);
  // Whoever sorts by target has it in the index of series.
  if (series !== undefined && isTargetFirst) conditions.push(`target = ${series.target}`);
  if (metricId !== undefined) conditions.push(`metric_id = ${metricId}`);
  if (startMs !== undefined) {
    conditions.push(kind === "rows" ? `ts > ${startMs} AND ts <= ${startMs + WINDOW_MS}` : `start = ${startMs}`);
  }
  return conditions.join(" AND ");
}
