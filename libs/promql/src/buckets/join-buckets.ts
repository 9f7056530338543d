import type { SampleBuckets } from "../value.ts";
import { createBuckets } from "./bucket-columns.ts";

const COLUMNS = [
  "ends",
  "counts",
  "sums",
  "mins",
  "maxs",
  "firsts",
  "firstTimes",
  "lasts",
  "lastTimes",
  "increases",
  "resets",
  "markerTimes",
] as const;

/**
 * The buckets of one series from parts in time order, at least one, which must not share a bucket and have one resolution.
 * A single part is given back as it is.
 */
export function joinBuckets(parts: readonly SampleBuckets[]): SampleBuckets {
  const [first] = parts;
  if (first === undefined) throw new RangeError("there are no buckets to join");
  if (parts.length === 1) return first;
  const count = parts.reduce((sum, { ends }) => sum + ends.length, 0);
  const joined = createBuckets(first.resolutionMs, count);
  let at = 0;
  for (const part of parts) {
    for (const column of COLUMNS) joined[column].set(part[column], at);
    at += part.ends.length;
  }
  return joined;
}
