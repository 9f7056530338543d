import type { Migration } from "@monotreme/clickhouse";

/**
 * Remembers the labels of deleted series, so that a series that comes back is found again: its senders announced it
 * before it was deleted and will not do so again that day. Samples of a remembered series put its row for their day
 * back into the index as they are inserted. Nearly always the table is empty, and the views cost an insert nothing.
 */
export const DELETED_SERIES_MIGRATION: Migration = {
  id: "0003_deleted_series",
  statements: [
    `CREATE TABLE IF NOT EXISTS deleted_series (
      tenant String CODEC(ZSTD(1)),
      metric String CODEC(ZSTD(1)),
      metric_id UInt64 CODEC(ZSTD(1)),
      series_id UInt64 CODEC(ZSTD(1)),
      labels Map(String, String) CODEC(ZSTD(1)),
      deleted DateTime DEFAULT now()
    ) ENGINE = ReplacingMergeTree(deleted)
    ORDER BY (metric_id, series_id)
    TTL deleted + INTERVAL 7 DAY
    SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
    ...["samples", "histograms"].map(reviveFrom),
  ],
};

/** The view that watches what is inserted into a table. */
export function reviveFrom(table: string): string {
  return `CREATE MATERIALIZED VIEW IF NOT EXISTS revive_from_${table} TO series AS
      SELECT d.tenant AS tenant, d.metric AS metric, d.metric_id AS metric_id, d.series_id AS series_id,
        toDate(toUInt16(least(greatest(intDiv(s.ts, 86400000), 0), 65535))) AS day, any(d.labels) AS labels
      FROM ${table} AS s INNER JOIN deleted_series AS d ON s.metric_id = d.metric_id AND s.series_id = d.series_id
      GROUP BY tenant, metric, metric_id, series_id, day`;
}
