import type { Migration } from "@monotreme/clickhouse";

const SETTINGS = "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1";

/** The tables of what happened; rows that are written again replace themselves. A year is kept. */
export const HISTORY_MIGRATION: Migration = {
  id: "alertmanager_0001_history",
  statements: [
    `CREATE TABLE IF NOT EXISTS alert_history (
      at Int64 CODEC(Delta, ZSTD(1)),
      change String CODEC(ZSTD(1)),
      fingerprint String CODEC(ZSTD(1)),
      labels Map(String, String) CODEC(ZSTD(1)),
      annotations Map(String, String) CODEC(ZSTD(1)),
      starts_at Int64 CODEC(Delta, ZSTD(1)),
      generator_url String CODEC(ZSTD(1))
    ) ENGINE = ReplacingMergeTree
    PARTITION BY toYYYYMM(toDateTime(intDiv(at, 1000)))
    ORDER BY (at, fingerprint, change)
    TTL toDateTime(intDiv(at, 1000)) + INTERVAL 1 YEAR
    ${SETTINGS}`,
    `CREATE TABLE IF NOT EXISTS notification_history (
      at Int64 CODEC(Delta, ZSTD(1)),
      outcome String CODEC(ZSTD(1)),
      group_key String CODEC(ZSTD(1)),
      receiver String CODEC(ZSTD(1)),
      integration String CODEC(ZSTD(1)),
      integration_index UInt32 CODEC(ZSTD(1)),
      reason String CODEC(ZSTD(1)),
      flush Int64 CODEC(Delta, ZSTD(1)),
      attempts UInt32 CODEC(ZSTD(1)),
      firing Array(String) CODEC(ZSTD(1)),
      resolved Array(String) CODEC(ZSTD(1)),
      group_labels Map(String, String) CODEC(ZSTD(1)),
      error String CODEC(ZSTD(1))
    ) ENGINE = ReplacingMergeTree
    PARTITION BY toYYYYMM(toDateTime(intDiv(at, 1000)))
    ORDER BY (at, receiver, integration, integration_index, group_key, flush, outcome)
    TTL toDateTime(intDiv(at, 1000)) + INTERVAL 1 YEAR
    ${SETTINGS}`,
  ],
};
