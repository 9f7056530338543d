import type { ClickHouse, Migration } from "@monotreme/clickhouse";
import { reviveFrom } from "./0003-deleted-series.ts";

const CHUNK_SETTINGS = `index_granularity = 256, min_compress_block_size = 262144, max_compress_block_size = 1048576,
      fsync_after_insert = 1, fsync_part_directory = 1`;

/**
 * Rows by window instead of by day, so that those of one window are counted without a scan and dropped in one go; and
 * the blocks that are made of them (ADR 14).
 *
 * Chunks are replaced by those of a higher generation; a reader decides before a merge does. Small granules, because a
 * row is a whole chunk of samples; large compression blocks, because neighbours resemble each other.
 */
export const BLOCKS_MIGRATION: Migration = {
  id: "0004_blocks",
  prepare: partitionSamplesByWindow,
  statements: [
    `CREATE TABLE IF NOT EXISTS raw_chunks (
      class LowCardinality(String) COMMENT 'of the retention policy',
      metric_id UInt64 CODEC(ZSTD(1)),
      series_id UInt64 CODEC(ZSTD(1)),
      start Int64 COMMENT 'of the window, epoch ms' CODEC(Delta(8), ZSTD(1)),
      generation UInt64 CODEC(Delta(8), ZSTD(1)),
      samples UInt32 COMMENT '0: nothing is left of the series in this window' CODEC(ZSTD(1)),
      times LowCardinality(String) COMMENT 'packed offsets from start, shared by the series of a scrape' CODEC(ZSTD(3)),
      data Array(UInt8) COMMENT 'packed values' CODEC(ZSTD(12))
    ) ENGINE = ReplacingMergeTree(generation)
    PARTITION BY (class, intDiv(start, 86400000))
    ORDER BY (metric_id, series_id, start)
    SETTINGS ${CHUNK_SETTINGS}`,

    `CREATE TABLE IF NOT EXISTS bucket_chunks (
      class LowCardinality(String) COMMENT 'of the retention policy',
      resolution UInt32 COMMENT 'ms' CODEC(ZSTD(1)),
      metric_id UInt64 CODEC(ZSTD(1)),
      series_id UInt64 CODEC(ZSTD(1)),
      start Int64 COMMENT 'of the block, epoch ms' CODEC(Delta(8), ZSTD(1)),
      generation UInt64 CODEC(Delta(8), ZSTD(1)),
      buckets UInt32 COMMENT '0: nothing is left of the series in this block' CODEC(ZSTD(1)),
      times LowCardinality(String) COMMENT 'packed ends, counts, times of first and last samples' CODEC(ZSTD(3)),
      lasts Array(UInt8) CODEC(ZSTD(9)),
      firsts Array(UInt8) CODEC(ZSTD(9)),
      mins Array(UInt8) CODEC(ZSTD(9)),
      maxs Array(UInt8) CODEC(ZSTD(9)),
      sums Array(UInt8) CODEC(ZSTD(9)),
      increases Array(UInt8) COMMENT 'and resets' CODEC(ZSTD(9))
    ) ENGINE = ReplacingMergeTree(generation)
    PARTITION BY (resolution, class, intDiv(start, if(resolution = 300000, 604800000, 2419200000)))
    ORDER BY (resolution, metric_id, series_id, start)
    SETTINGS ${CHUNK_SETTINGS}`,

    `CREATE TABLE IF NOT EXISTS blocks (
      resolution UInt32 COMMENT 'ms; 0 = raw',
      start Int64 COMMENT 'epoch ms',
      generation UInt64,
      state LowCardinality(String) COMMENT 'building, ready, set_aside, dropped',
      inputs Array(String) COMMENT 'raw: parts of samples; else start:generation of raw blocks',
      series UInt64,
      samples UInt64,
      bytes UInt64,
      min_ts Int64,
      max_ts Int64,
      attempts UInt32,
      holder String,
      reason String,
      version UInt64 COMMENT 'the last record of a generation counts',
      updated DateTime64(3, 'UTC') DEFAULT now64(3)
    ) ENGINE = ReplacingMergeTree(version)
    ORDER BY (resolution, start, generation)
    SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
};

const WINDOWED = "samples_by_window";

/** Exchanges the table in one go when its copy is complete, so that it may be interrupted anywhere. */
async function partitionSamplesByWindow(clickhouse: ClickHouse): Promise<void> {
  if (await isPartitionedByDay(clickhouse)) {
    await clickhouse.command(`DROP TABLE IF EXISTS ${WINDOWED} SYNC`);
    await clickhouse.command(WINDOWED_SAMPLES);
    await clickhouse.command(`INSERT INTO ${WINDOWED} (metric_id, series_id, ts, value)
      SELECT metric_id, series_id, ts, value FROM samples SETTINGS max_partitions_per_insert_block = 0`);
    await clickhouse.command(`EXCHANGE TABLES samples AND ${WINDOWED}`);
  }
  await clickhouse.command(`DROP TABLE IF EXISTS ${WINDOWED} SYNC`);
  // A view stays with the table that it was made for, not with its name.
  await clickhouse.command("DROP VIEW IF EXISTS revive_from_samples SYNC");
  await clickhouse.command(reviveFrom("samples"));
}

async function isPartitionedByDay(clickhouse: ClickHouse): Promise<boolean> {
  const query = "SELECT partition_key FROM system.tables WHERE database = currentDatabase() AND name = 'samples'";
  for await (const block of clickhouse.selectNative(query)) {
    return block.strings("partition_key").some((key) => key.includes("86400000"));
  }
  return false;
}

const WINDOWED_SAMPLES = `CREATE TABLE ${WINDOWED} (
  metric_id UInt64 CODEC(ZSTD(1)),
  series_id UInt64 CODEC(ZSTD(1)),
  ts Int64 COMMENT 'epoch ms' CODEC(Delta(8), ZSTD(1)),
  value Float64 CODEC(Delta(8), ZSTD(1)),
  time DateTime64(3, 'UTC') ALIAS fromUnixTimestamp64Milli(ts, 'UTC')
) ENGINE = ReplacingMergeTree
PARTITION BY toInt64(floor((ts - 1) / 7200000))
PRIMARY KEY (metric_id, series_id, ts)
ORDER BY (metric_id, series_id, ts, reinterpretAsUInt64(value))
SETTINGS index_granularity = 2048, non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1, fsync_part_directory = 1`;
