import { type BucketColumn, bucketColumnsToRead } from "@monotreme/blocks";

/** Range functions that look at more than the last sample of each bucket, or at less. */
const COLUMNS_OF: ReadonlyMap<string, readonly BucketColumn[]> = new Map([
  ["sum_over_time", ["sums"]],
  ["avg_over_time", ["sums"]],
  ["min_over_time", ["mins"]],
  ["max_over_time", ["maxs"]],
  ["first_over_time", ["firsts"]],
  ["delta", ["firsts"]],
  ["rate", ["increases"]],
  ["increase", ["increases"]],
  ["resets", ["increases"]],
  ["count_over_time", []],
  ["present_over_time", []],
  ["absent_over_time", []],
  ["ts_of_first_over_time", []],
  ["ts_of_last_over_time", []],
]);

/** The columns that must be read so that the engine can evaluate a function; the times are always read. */
export function bucketColumnsFor(functionName: string, isRange: boolean): ReadonlySet<BucketColumn> {
  return bucketColumnsToRead((isRange ? COLUMNS_OF.get(functionName) : undefined) ?? ["lasts"]);
}
