import type { ClickHouse } from "@monotreme/clickhouse";

/** Bytes on disk by resolution in ms. */
export type DiskSizes = ReadonlyMap<number, number>;

/** Reads what the chunks of each resolution take on disk. */
export async function readDiskSizes(clickhouse: ClickHouse, signal?: AbortSignal): Promise<DiskSizes> {
  const rows = await clickhouse.queryRows(
    `SELECT if(table = 'raw_chunks', 0, toUInt32OrZero(extract(partition, '^\\\\((\\\\d+)'))) AS resolution,
      toFloat64(sum(bytes_on_disk)) AS bytes FROM system.parts
      WHERE database = currentDatabase() AND table IN ('raw_chunks', 'bucket_chunks') AND active GROUP BY resolution`,
    signal && { signal },
  );
  return new Map(rows.map((row) => [Number(row["resolution"]), Number(row["bytes"])]));
}
