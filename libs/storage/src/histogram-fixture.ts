import type { NativeHistogram } from "@monotreme/model";

/** A native histogram for tests: one observation in one bucket, where nothing else is said. */
export function histogramOf(changes: Partial<NativeHistogram> = {}): NativeHistogram {
  return {
    schema: 0,
    counterResetHint: "unknown",
    zeroThreshold: 0.001,
    zeroCount: 0,
    count: 1,
    sum: 1,
    positiveOffset: 0,
    positiveBuckets: [1],
    negativeOffset: 0,
    negativeBuckets: [],
    customBounds: [],
    ...changes,
  };
}
