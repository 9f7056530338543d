import { randomUUID } from "node:crypto";
import type { ClickHouse, NativeColumn } from "@monotreme/clickhouse";
import { AppError } from "@monotreme/errors";
import type { Matcher } from "@monotreme/model";
import { type DeletionReceipt, enactDeletion } from "./blocks/deletion-receipts.ts";
import { conditionOf, DELETION_SETTINGS, forgetEmptySeries, type SeriesIds } from "./empty-series.ts";
import { int64Text } from "./row-condition.ts";
import { seriesFilter, type TimeRange } from "./series-filter.ts";
import { findSeries } from "./series-lookup.ts";

/** Series that satisfy any of the sets of matchers, and the range of time of which they lose their samples. */
export interface DeletionRequest extends TimeRange {
  readonly matcherSets: readonly (readonly Matcher[])[];
  readonly signal?: AbortSignal;
}

/** Each deletion marks rows in every part of its days, so it is told to be narrower rather than taken in pieces. */
const MAX_SERIES = 100_000;
/** Every reader holds the series of all deletions that are not complete. */
const MAX_ACTIVE_SERIES = 1_000_000;
/** Series in one statement. */
const BATCH_SERIES = 5000;

const DATA_TABLES = ["samples", "histograms", "bucket_histograms", "starts", "exemplars"] as const;

/**
 * Deletes samples, histograms, start timestamps and exemplars of one tenant's series within a range of time, and then
 * the series from the index of those days on which nothing of them is left. Nothing of what it deleted is visible when
 * the promise resolves: rows are gone, and in chunks it is hidden until the compactor has written them again, which the
 * receipt tells. Undefined where no series was found. Throws QUERY_TOO_MANY_SERIES above 100,000 series, and
 * DELETION_TOO_MANY_PENDING while more than a million series wait for the compactor.
 */
export async function deleteSeries(
  clickhouse: ClickHouse,
  tenant: string,
  { matcherSets, fromMs, untilMs, signal }: DeletionRequest,
): Promise<DeletionReceipt | undefined> {
  if (matcherSets.length === 0 || untilMs < fromMs) return undefined;
  const filter = seriesFilter(tenant, matcherSets, { fromMs, untilMs });
  const found = await findSeries(clickhouse, filter, { maxSeries: MAX_SERIES, signal });
  const ids = [...found].flatMap(([metricId, ofMetric]) =>
    [...ofMetric.keys()].map((seriesId): SeriesIds => [metricId, seriesId]),
  );
  if (ids.length === 0) return undefined;
  await checkPending(clickhouse, ids.length, signal);
  const id = randomUUID();
  await insertSeriesOf(clickhouse, id, ids);
  let rows = 0;
  for (let from = 0; from < ids.length; from += BATCH_SERIES) {
    const batch = ids.slice(from, from + BATCH_SERIES);
    rows += await deleteRows(clickhouse, tenant, { ids: batch, fromMs, untilMs, signal });
    await forgetEmptySeries(clickhouse, {
      tenant,
      ids: batch,
      fromMs,
      untilMs,
      chunksCountOn: "partial days",
      signal,
    });
  }
  return enactDeletion(clickhouse, {
    id,
    tenant,
    matchers: matcherSets.map((matchers) => `{${matchers.map(String).join(", ")}}`),
    fromMs,
    untilMs,
    generation: 0,
    state: "active",
    series: ids.length,
    rows,
    samples: 0,
    buckets: 0,
    createdMs: Date.now(),
    updatedMs: Date.now(),
    version: 0,
  });
}

/** Frees the space of deleted rows now instead of with the next merges, and waits for it. */
export async function cleanTombstones(clickhouse: ClickHouse, signal?: AbortSignal): Promise<void> {
  for (const table of [...DATA_TABLES, "series"]) {
    await clickhouse.command(`ALTER TABLE ${table} APPLY DELETED MASK`, {
      settings: DELETION_SETTINGS,
      ...(signal && { signal }),
    });
  }
}

interface RowRequest extends TimeRange {
  readonly ids: readonly SeriesIds[];
  readonly signal: AbortSignal | undefined;
}

/** Returns how many samples and histograms went. */
async function deleteRows(
  clickhouse: ClickHouse,
  tenant: string,
  { ids, fromMs, untilMs, signal }: RowRequest,
): Promise<number> {
  const parameters = { tenant, fromMs: int64Text(fromMs), untilMs: int64Text(untilMs) };
  const options = { parameters, settings: DELETION_SETTINGS, ...(signal && { signal }) };
  const condition = conditionOf(ids);
  const rows = `${condition} AND ts >= {fromMs:Int64} AND ts <= {untilMs:Int64}`;
  // First, so that samples which arrive meanwhile bring their series back.
  await clickhouse.command(
    `INSERT INTO deleted_series (tenant, metric, metric_id, series_id, labels)
      SELECT tenant, metric, metric_id, series_id, labels FROM series
      WHERE tenant = {tenant:String} AND ${condition} LIMIT 1 BY metric_id, series_id`,
    options,
  );
  const [counted] = await clickhouse.queryRows(
    `SELECT toFloat64((SELECT count() FROM samples WHERE ${rows}) + (SELECT count() FROM histograms WHERE ${rows})) AS n`,
    { ...options, settings: { max_query_size: DELETION_SETTINGS.max_query_size } },
  );
  for (const table of DATA_TABLES) await clickhouse.command(`DELETE FROM ${table} WHERE ${rows}`, options);
  return Number(counted?.["n"] ?? 0);
}

async function checkPending(clickhouse: ClickHouse, more: number, signal: AbortSignal | undefined): Promise<void> {
  const [row] = await clickhouse.queryRows(
    "SELECT toFloat64(sum(series)) AS series FROM deletions FINAL WHERE state = 'active'",
    signal && { signal },
  );
  const pending = Number(row?.["series"] ?? 0);
  if (pending + more <= MAX_ACTIVE_SERIES) return;
  throw new AppError(
    "DELETION_TOO_MANY_PENDING",
    "limit",
    `${pending} series of earlier deletions wait for the compactor; try again when they are complete, see /api/v1/admin/tsdb/deletions`,
  );
}

/** Before the deletion is in force, so that it hides all of them at once. */
async function insertSeriesOf(clickhouse: ClickHouse, id: string, ids: readonly SeriesIds[]): Promise<void> {
  const columnOf = (name: string, index: 0 | 1): NativeColumn => {
    const values = BigUint64Array.from(ids, (pair) => pair[index]);
    return { name, type: "UInt64", chunks: [new Uint8Array(values.buffer)] };
  };
  const deletion: NativeColumn = { name: "deletion", type: "String", values: Array<string>(ids.length).fill(id) };
  const columns = [deletion, columnOf("metric_id", 0), columnOf("series_id", 1)];
  await clickhouse.insertNative("deletion_series", columns, ids.length);
}
