import type { Migration } from "@monotreme/clickhouse";

const SETTINGS = "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 100";

/**
 * The tables of pings and flips; rows that are written again replace themselves. A body that is no UTF-8 stands there
 * with one character for each byte, and says so.
 */
export const HISTORY_MIGRATION: Migration = {
  id: "heartbeat_0001_history",
  statements: [
    `CREATE TABLE IF NOT EXISTS heartbeat_pings (
      check_id String CODEC(ZSTD(1)),
      project String CODEC(ZSTD(1)),
      at Int64 CODEC(Delta, ZSTD(1)),
      number Int64 CODEC(Delta, ZSTD(1)),
      type String CODEC(ZSTD(1)),
      scheme String CODEC(ZSTD(1)),
      remote_address String CODEC(ZSTD(1)),
      method String CODEC(ZSTD(1)),
      user_agent String CODEC(ZSTD(1)),
      run_id String CODEC(ZSTD(1)),
      exit_status Int32 CODEC(ZSTD(1)),
      duration Int64 CODEC(ZSTD(1)),
      body_bytes UInt32 CODEC(ZSTD(1)),
      is_binary Bool CODEC(ZSTD(1)),
      body String CODEC(ZSTD(3))
    ) ENGINE = ReplacingMergeTree
    PARTITION BY toYYYYMM(toDateTime(intDiv(at, 1000)))
    ORDER BY (check_id, at, number)
    ${SETTINGS}`,
    `CREATE TABLE IF NOT EXISTS heartbeat_flips (
      check_id String CODEC(ZSTD(1)),
      project String CODEC(ZSTD(1)),
      at Int64 CODEC(Delta, ZSTD(1)),
      from_status String CODEC(ZSTD(1)),
      to_status String CODEC(ZSTD(1)),
      reason String CODEC(ZSTD(1))
    ) ENGINE = ReplacingMergeTree
    PARTITION BY toYYYYMM(toDateTime(intDiv(at, 1000)))
    ORDER BY (check_id, at, from_status, to_status)
    ${SETTINGS}`,
  ],
};

/** Flips are kept for this long at least: the badge and the availability of a quarter depend on them. */
const MIN_FLIPS_DAYS = 93;
const DAY_MS = 86_400_000;

/** Statements that set how long rows are kept; cheap where nothing changes, and old parts are not rewritten for it. */
export function retentionStatements(retentionMs: number): string[] {
  const days = Math.max(1, Math.ceil(retentionMs / DAY_MS));
  return [retention("heartbeat_pings", days), retention("heartbeat_flips", Math.max(MIN_FLIPS_DAYS, days))];
}

function retention(table: string, days: number): string {
  const ttl = `toDateTime(intDiv(at, 1000)) + INTERVAL ${days} DAY`;
  return `ALTER TABLE ${table} MODIFY TTL ${ttl} SETTINGS materialize_ttl_after_modify = 0`;
}
