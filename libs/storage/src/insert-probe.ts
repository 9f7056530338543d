import { startOf, WINDOW_MS } from "@monotreme/blocks";
import type { ClickHouse, QueryParameters } from "@monotreme/clickhouse";
import { DAY_MS, indexDay } from "./day.ts";
import type { MetadataRow, SeriesRow } from "./sample-store.ts";

/** How to find out whether an insert is stored: a query for the number of its partitions that are there. */
export interface InsertProbe {
  readonly query: string;
  readonly parameters?: QueryParameters;
  readonly partitions: number;
}

/** Columns of 64-bit entries in pieces, as inserts carry them. */
interface RowKeys {
  readonly metricIds: readonly Uint32Array[];
  readonly seriesIds: readonly Uint32Array[];
  readonly timestamps: readonly Uint32Array[];
}

/** One row of every partition: an insert is stored by whole partitions, so a row stands for its own. */
export function rowsProbe(table: string, { metricIds, seriesIds, timestamps }: RowKeys): InsertProbe {
  const keys = new Map<bigint, string>();
  for (const [piece, words] of timestamps.entries()) {
    for (let row = 0; row * 2 < words.length; row++) {
      const timestampMs = BigInt.asIntN(64, idAt(words, row));
      const partition = partitionOf(table, timestampMs);
      if (!keys.has(partition)) {
        keys.set(partition, `(${idAt(metricIds[piece], row)},${idAt(seriesIds[piece], row)},${timestampMs})`);
      }
    }
  }
  const query = `SELECT uniqExact(${table === "samples" ? WINDOW : DAY}) AS partitions FROM ${table}
    WHERE (metric_id, series_id, ts) IN (${[...keys.values()].join(",")})`;
  return { query, partitions: keys.size };
}

const WINDOW = `toInt64(floor((ts - 1) / ${WINDOW_MS}))`;
const DAY = `intDiv(ts, ${DAY_MS})`;

/** As the tables' own expressions: windows are left-open and counted downwards before 1970, days rounded towards it. */
function partitionOf(table: string, timestampMs: bigint): bigint {
  return table === "samples"
    ? BigInt(startOf(Number(timestampMs), WINDOW_MS) / WINDOW_MS)
    : timestampMs / BigInt(DAY_MS);
}

/** As {@link rowsProbe}, for the index. */
export function seriesProbe(rows: readonly SeriesRow[]): InsertProbe {
  const keys = new Map<number, string>();
  for (const row of rows) {
    const metricId = idAt([row.metricIdLow, row.metricIdHigh], 0);
    const seriesId = idAt([row.seriesIdLow, row.seriesIdHigh], 0);
    keys.set(indexDay(row.day), `(toDate(${indexDay(row.day)}),${metricId},${seriesId})`);
  }
  const query = `SELECT uniqExact(day) AS partitions FROM series
    WHERE (day, metric_id, series_id) IN (${[...keys.values()].join(",")})`;
  return { query, partitions: keys.size };
}

/** The table has one partition, so one row tells. */
export function metadataProbe(rows: readonly MetadataRow[]): InsertProbe {
  const { tenant = "", metric = "", type = "", unit = "", help = "" } = rows[0] ?? {};
  const query = `SELECT count() > 0 AS partitions FROM metadata WHERE tenant = {tenant:String}
    AND metric = {metric:String} AND type = {type:String} AND unit = {unit:String} AND help = {help:String}`;
  return { query, parameters: { tenant, metric, type, unit, help }, partitions: 1 };
}

/** Whether every partition of the insert is stored. */
export async function isStored(clickhouse: ClickHouse, probe: InsertProbe, signal?: AbortSignal): Promise<boolean> {
  // A batch that touches many days makes a long list.
  const settings = { max_query_size: "16777216" };
  const [row] = await clickhouse.queryRows(probe.query, {
    settings,
    ...(probe.parameters && { parameters: probe.parameters }),
    ...(signal && { signal }),
  });
  return Number(row?.["partitions"]) === probe.partitions;
}

function idAt(words: ArrayLike<number> | undefined, row: number): bigint {
  return (BigInt(words?.[row * 2 + 1] ?? 0) << 32n) | BigInt(words?.[row * 2] ?? 0);
}
