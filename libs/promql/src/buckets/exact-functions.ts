/**
 * The range functions whose answer from buckets equals the one from raw samples, for windows that begin and end on the
 * borders of buckets. All others see one sample a bucket.
 */
export const EXACT_RANGE_FUNCTIONS: ReadonlySet<string> = new Set([
  "absent_over_time",
  "avg_over_time",
  "count_over_time",
  "delta",
  "first_over_time",
  "increase",
  "last_over_time",
  "max_over_time",
  "min_over_time",
  "present_over_time",
  "rate",
  "resets",
  "sum_over_time",
  "ts_of_first_over_time",
  "ts_of_last_over_time",
]);
