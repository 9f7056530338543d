import type { NativeHistogram } from "../value.ts";

/** Bucket counts by index. */
type Buckets = Map<number, number>;

/**
 * The sum of two histograms of a script's `a+bxn` series: exponential ones at the lower of the two resolutions, custom
 * ones with the same bounds. `sign` −1 subtracts. The first one's counter reset hint stays.
 */
export function addHistograms(a: NativeHistogram, b: NativeHistogram, sign: 1 | -1): NativeHistogram {
  const schema = Math.min(a.schema, b.schema);
  const positive = combine(
    bucketsAt(a.positiveOffset, a.positiveBuckets, a.schema, schema),
    b,
    sign,
    "positive",
    schema,
  );
  const negative = combine(
    bucketsAt(a.negativeOffset, a.negativeBuckets, a.schema, schema),
    b,
    sign,
    "negative",
    schema,
  );
  const [positiveOffset, positiveBuckets] = dense(positive);
  const [negativeOffset, negativeBuckets] = dense(negative);
  return {
    schema,
    counterResetHint: a.counterResetHint,
    zeroThreshold: Math.max(a.zeroThreshold, b.zeroThreshold),
    zeroCount: a.zeroCount + sign * b.zeroCount,
    count: a.count + sign * b.count,
    sum: a.sum + sign * b.sum,
    positiveOffset,
    positiveBuckets,
    negativeOffset,
    negativeBuckets,
    customBounds: a.customBounds,
  };
}

function combine(
  into: Buckets,
  b: NativeHistogram,
  sign: 1 | -1,
  side: "positive" | "negative",
  schema: number,
): Buckets {
  const added =
    side === "positive"
      ? bucketsAt(b.positiveOffset, b.positiveBuckets, b.schema, schema)
      : bucketsAt(b.negativeOffset, b.negativeBuckets, b.schema, schema);
  for (const [index, count] of added) into.set(index, (into.get(index) ?? 0) + sign * count);
  return into;
}

/** Each step of the schema merges buckets 2k − 1 and 2k into k. */
function bucketsAt(offset: number, counts: readonly number[], from: number, to: number): Buckets {
  const buckets: Buckets = new Map();
  for (const [i, count] of counts.entries()) {
    const index = to < -4 ? offset + i : ((offset + i - 1) >> (from - to)) + 1;
    buckets.set(index, (buckets.get(index) ?? 0) + count);
  }
  return buckets;
}

function dense(buckets: Buckets): [offset: number, counts: number[]] {
  if (buckets.size === 0) return [0, []];
  const first = Math.min(...buckets.keys());
  const last = Math.max(...buckets.keys());
  return [first, Array.from({ length: last - first + 1 }, (_, i) => buckets.get(first + i) ?? 0)];
}
