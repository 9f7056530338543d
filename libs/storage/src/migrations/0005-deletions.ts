import type { Migration } from "@monotreme/clickhouse";

/**
 * What was asked to be deleted, the series that were found then, and what jobs took out of chunks because of it (ADR 14).
 * The last version of a deletion counts. Its series are forgotten once no chunk holds a deleted sample any more; the
 * deletion itself and what was taken stay as a receipt.
 */
export const DELETIONS_MIGRATION: Migration = {
  id: "0005_deletions",
  statements: [
    `CREATE TABLE IF NOT EXISTS deletions (
      id String,
      tenant String,
      matchers Array(String) COMMENT 'the selectors as they were asked',
      from_ms Int64 COMMENT 'first deleted millisecond',
      until_ms Int64 COMMENT 'last deleted millisecond',
      generation UInt64 COMMENT 'hides the range in chunks of lower generations',
      state LowCardinality(String) COMMENT 'active, complete',
      series UInt64,
      rows UInt64 COMMENT 'samples deleted from rows, at once',
      created DateTime64(3, 'UTC'),
      version UInt64,
      updated DateTime64(3, 'UTC') DEFAULT now64(3)
    ) ENGINE = ReplacingMergeTree(version)
    ORDER BY id
    SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,

    `CREATE TABLE IF NOT EXISTS deletion_removals (
      deletion String CODEC(ZSTD(1)),
      resolution UInt64 COMMENT 'ms, of the block',
      start Int64 COMMENT 'of the block, epoch ms',
      generation UInt64 COMMENT 'of the job that wrote chunks of the block again',
      part UInt64 COMMENT 'of what the job wrote',
      samples UInt64 COMMENT 'left out of raw chunks',
      buckets UInt64 COMMENT 'removed whole because their samples are gone'
    ) ENGINE = ReplacingMergeTree
    ORDER BY (deletion, resolution, start, generation, part)
    SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,

    `CREATE TABLE IF NOT EXISTS deletion_series (
      deletion String CODEC(ZSTD(1)),
      metric_id UInt64 CODEC(ZSTD(1)),
      series_id UInt64 CODEC(ZSTD(1)),
      created DateTime DEFAULT now()
    ) ENGINE = ReplacingMergeTree
    ORDER BY (deletion, metric_id, series_id)
    SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
};
