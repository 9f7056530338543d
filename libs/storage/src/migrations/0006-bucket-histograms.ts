import type { Migration } from "@monotreme/clickhouse";

/**
 * Native histograms thinned out: of each bucket the first and the last, and the two on either side of what may be a
 * reset (ADR 14). Each row is a histogram as it was written, so rows of different jobs may stand side by side. The
 * partitions are those of `bucket_chunks`.
 */
export const BUCKET_HISTOGRAMS_MIGRATION: Migration = {
  id: "0006_bucket_histograms",
  statements: [
    `CREATE TABLE IF NOT EXISTS bucket_histograms (
      class LowCardinality(String) COMMENT 'of the retention policy',
      resolution UInt32 COMMENT 'ms' CODEC(ZSTD(1)),
      metric_id UInt64 CODEC(ZSTD(1)),
      series_id UInt64 CODEC(ZSTD(1)),
      start Int64 COMMENT 'of the block, epoch ms' CODEC(Delta(8), ZSTD(1)),
      generation UInt64 CODEC(Delta(8), ZSTD(1)),
      ts Int64 COMMENT 'epoch ms' CODEC(Delta(8), ZSTD(1)),
      schema Int8 CODEC(ZSTD(1)),
      hint UInt8 CODEC(ZSTD(1)),
      zero_threshold Float64 CODEC(ZSTD(1)),
      zero_count Float64 CODEC(ZSTD(1)),
      count Float64 CODEC(ZSTD(1)),
      sum Float64 CODEC(ZSTD(1)),
      positive_offset Int32 CODEC(ZSTD(1)),
      positive Array(Float64) CODEC(ZSTD(1)),
      negative_offset Int32 CODEC(ZSTD(1)),
      negative Array(Float64) CODEC(ZSTD(1)),
      bounds Array(Float64) CODEC(ZSTD(1))
    ) ENGINE = ReplacingMergeTree
    PARTITION BY (resolution, class, intDiv(start, if(resolution = 300000, 604800000, 2419200000)))
    PRIMARY KEY (resolution, metric_id, series_id, ts)
    ORDER BY (resolution, metric_id, series_id, ts, sipHash64(schema, hint, zero_threshold, zero_count, count, sum,
      positive_offset, positive, negative_offset, negative, bounds))
    SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000,
      fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
};
