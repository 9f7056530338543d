import type { Migration } from "@monotreme/clickhouse";

/**
 * Native histograms, exemplars and start timestamps, in tables of their own so that the rows of plain samples stay small.
 *
 * As in `samples`, the sorting keys hold everything that tells two rows apart, so a merge folds only equal rows and
 * readers decide between different ones: of two histograms by `isBetterHistogram`, of two start timestamps the later.
 * A staleness marker is no histogram: it is a row of `samples`.
 */
export const HISTOGRAMS_MIGRATION: Migration = {
  id: "0002_histograms",
  statements: [
    `CREATE TABLE IF NOT EXISTS histograms (
      metric_id UInt64 CODEC(ZSTD(1)),
      series_id UInt64 CODEC(ZSTD(1)),
      ts Int64 COMMENT 'epoch ms' CODEC(Delta(8), ZSTD(1)),
      schema Int8 COMMENT '-4 to 8, or -53 for custom buckets' CODEC(ZSTD(1)),
      hint UInt8 COMMENT 'counter reset: 0 unknown, 1 reset, 2 none, 3 gauge' CODEC(ZSTD(1)),
      zero_threshold Float64 CODEC(ZSTD(1)),
      zero_count Float64 CODEC(ZSTD(1)),
      count Float64 CODEC(ZSTD(1)),
      sum Float64 CODEC(ZSTD(1)),
      positive_offset Int32 COMMENT 'index of the first positive bucket' CODEC(ZSTD(1)),
      positive Array(Float64) COMMENT 'counts, not cumulative, without gaps' CODEC(ZSTD(1)),
      negative_offset Int32 CODEC(ZSTD(1)),
      negative Array(Float64) CODEC(ZSTD(1)),
      bounds Array(Float64) COMMENT 'upper bounds of custom buckets, without +Inf' CODEC(ZSTD(1)),
      time DateTime64(3, 'UTC') ALIAS fromUnixTimestamp64Milli(ts, 'UTC')
    ) ENGINE = ReplacingMergeTree
    PARTITION BY intDiv(ts, 86400000)
    PRIMARY KEY (metric_id, series_id, ts)
    ORDER BY (metric_id, series_id, ts, sipHash64(schema, hint, zero_threshold, zero_count, count, sum,
      positive_offset, positive, negative_offset, negative, bounds))
    SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000,
      fsync_after_insert = 1, fsync_part_directory = 1`,

    `CREATE TABLE IF NOT EXISTS exemplars (
      metric_id UInt64 CODEC(ZSTD(1)),
      series_id UInt64 CODEC(ZSTD(1)),
      ts Int64 COMMENT 'epoch ms' CODEC(Delta(8), ZSTD(1)),
      value Float64 CODEC(ZSTD(1)),
      labels Map(String, String) COMMENT 'sorted by name' CODEC(ZSTD(1)),
      time DateTime64(3, 'UTC') ALIAS fromUnixTimestamp64Milli(ts, 'UTC')
    ) ENGINE = ReplacingMergeTree
    PARTITION BY intDiv(ts, 86400000)
    PRIMARY KEY (metric_id, series_id, ts)
    ORDER BY (metric_id, series_id, ts, reinterpretAsUInt64(value), sipHash64(mapKeys(labels), mapValues(labels)))
    SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000,
      fsync_after_insert = 1, fsync_part_directory = 1`,

    `CREATE TABLE IF NOT EXISTS starts (
      metric_id UInt64 CODEC(ZSTD(1)),
      series_id UInt64 CODEC(ZSTD(1)),
      ts Int64 COMMENT 'epoch ms of the sample' CODEC(Delta(8), ZSTD(1)),
      start Int64 COMMENT 'epoch ms at which its counting began' CODEC(Delta(8), ZSTD(1))
    ) ENGINE = ReplacingMergeTree
    PARTITION BY intDiv(ts, 86400000)
    ORDER BY (metric_id, series_id, ts, start)
    SETTINGS index_granularity = 2048, non_replicated_deduplication_window = 10000,
      fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
};
