import { wordsOf, writeStaleAt } from "@monotreme/model";
import type { SampleBuckets } from "../value.ts";

/**
 * Buckets as plain samples: the last of each at its own time, and the staleness marker after it where one stands there.
 * Where there are no markers, these are the buckets' own columns.
 */
export function plainView(buckets: SampleBuckets): {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
} {
  const { counts, lasts, lastTimes, markerTimes } = buckets;
  let count = 0;
  let markers = 0;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i]! > 0) count++;
    if (!Number.isNaN(markerTimes[i]!)) markers++;
  }
  if (markers === 0) return { timestamps: lastTimes, values: lasts };
  const timestamps = new Float64Array(count + markers);
  const values = new Float64Array(count + markers);
  const words = wordsOf(values);
  let at = 0;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i]! > 0) {
      timestamps[at] = lastTimes[i]!;
      values[at++] = lasts[i]!;
    }
    if (Number.isNaN(markerTimes[i]!)) continue;
    timestamps[at] = markerTimes[i]!;
    writeStaleAt(words, at++);
  }
  return { timestamps, values };
}
