import type { SampleBuckets } from "../value.ts";
import { mapColumns } from "./bucket-columns.ts";

/** The buckets that have samples: what a range function sees. */
export function filledBuckets(buckets: SampleBuckets): SampleBuckets {
  const { counts } = buckets;
  if (!counts.includes(0)) return buckets;
  return mapColumns(buckets, (column) => column.filter((_, index) => counts[index]! > 0));
}
