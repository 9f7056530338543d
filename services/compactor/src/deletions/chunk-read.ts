/** The series of the deletions in `{deletions:Array(String)}`. */
export const seriesCondition = `metric_id IN (SELECT metric_id FROM deletion_series WHERE deletion IN {deletions:Array(String)})
  AND (metric_id, series_id) IN
    (SELECT metric_id, series_id FROM deletion_series WHERE deletion IN {deletions:Array(String)})`;

/** The server may wait for us while chunks are inserted; chunks are large, so there are few in a block. */
export const READ_SETTINGS = {
  low_cardinality_allow_in_native_format: 1,
  max_block_size: "4096",
  http_send_timeout: 900,
  max_execution_time: 0,
} as const;
