import type { SampleBuckets } from "../value.ts";
import { mapColumns } from "./bucket-columns.ts";

/** The buckets that have samples: what a range function sees. */
export function filledBuckets(buckets: SampleBuckets): SampleBuckets {
  const { counts } = buckets;
  if (!hasEmpty(counts)) return buckets;
  return mapColumns(buckets, (column) => column.filter((_, index) => counts[index]! > 0));
}

/** A loop, because `includes` is much slower on typed arrays. */
function hasEmpty(counts: Float64Array): boolean {
  for (let i = 0; i < counts.length; i++) if (counts[i] === 0) return true;
  return false;
}
