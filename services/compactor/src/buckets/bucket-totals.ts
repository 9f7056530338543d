import { BUCKET_COLUMNS, type Resolution } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import type { BlockNumbers } from "@monotreme/storage";

/** What the chunks of a block of buckets hold, of each series the one that counts; samples are buckets here. */
export async function readBucketTotals(
  clickhouse: ClickHouse,
  { resolution, startMs }: { readonly resolution: Resolution; readonly startMs: number },
  signal: AbortSignal,
): Promise<Pick<BlockNumbers, "series" | "samples" | "bytes">> {
  const length = BUCKET_COLUMNS.map((column) => `length(${column})`).join(" + ");
  const query = `SELECT toFloat64(countIf(held > 0)) AS series, toFloat64(sum(held)) AS samples,
      toFloat64(sum(size)) AS bytes
    FROM (SELECT argMax(buckets, generation) AS held, argMax(${length}, generation) AS size FROM bucket_chunks
      WHERE resolution = ${resolution.resolutionMs} AND start = {start:Int64} GROUP BY metric_id, series_id)
    SETTINGS optimize_aggregation_in_order = 1`;
  const [row] = await clickhouse.queryRows(query, { parameters: { start: String(startMs) }, signal });
  return { series: Number(row?.["series"]), samples: Number(row?.["samples"]), bytes: Number(row?.["bytes"]) };
}
