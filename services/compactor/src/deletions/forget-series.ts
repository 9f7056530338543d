import type { ClickHouse } from "@monotreme/clickhouse";
import { type DeletionReceipt, forgetEmptySeries, type SeriesIds } from "@monotreme/storage";

/** Series in one statement. */
const BATCH_SERIES = 5000;

/** Takes the series of a deletion out of the index of the days on which it left nothing of them. */
export async function forgetSeriesOf(
  clickhouse: ClickHouse,
  { id, tenant, fromMs, untilMs }: DeletionReceipt,
  signal: AbortSignal,
): Promise<void> {
  const query = "SELECT DISTINCT metric_id, series_id FROM deletion_series WHERE deletion = {id:String}";
  const ids: SeriesIds[] = [];
  for await (const block of clickhouse.selectNative(query, { parameters: { id }, signal })) {
    const seriesIds = block.uint64("series_id");
    for (const [row, metricId] of block.uint64("metric_id").entries()) ids.push([metricId, seriesIds[row] ?? 0n]);
  }
  for (let from = 0; from < ids.length; from += BATCH_SERIES) {
    const batch = ids.slice(from, from + BATCH_SERIES);
    await forgetEmptySeries(clickhouse, { tenant, ids: batch, fromMs, untilMs, chunksCountOn: "all days", signal });
  }
}

/** Receipts stay; the lists of their series are of no use an hour after, or where no receipt was ever written. */
const OLD = `(deletion IN (SELECT id FROM deletions FINAL WHERE state = 'complete' AND updated < now() - INTERVAL 1 HOUR))
  OR (created < now() - INTERVAL 1 DAY AND deletion NOT IN (SELECT id FROM deletions))`;

/** Forgets lists of series that nobody reads any more. */
export async function forgetOldSeries(clickhouse: ClickHouse, signal: AbortSignal): Promise<void> {
  const [row] = await clickhouse.queryRows(`SELECT count() > 0 AS found FROM deletion_series WHERE ${OLD}`, { signal });
  if (Number(row?.["found"]) === 0) return;
  await clickhouse.command(`DELETE FROM deletion_series WHERE ${OLD}`, { signal });
}
