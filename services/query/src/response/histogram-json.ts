import { formatFloat } from "@monotreme/model";
import type { NativeHistogram } from "@monotreme/promql";

/** The schema of custom buckets. */
const CUSTOM_SCHEMA = -53;

/** Which bounds belong to a bucket: the upper, the lower, or both. */
const RULE = { upper: 0, lower: 1, both: 3 } as const;

/** A native histogram in the API's form: count, sum and the buckets that are not empty, from low to high. */
export function histogramJson(histogram: NativeHistogram): string {
  const buckets = [...negativeBuckets(histogram), ...zeroBucket(histogram), ...positiveBuckets(histogram)];
  const totals = `"count":"${formatFloat(histogram.count)}","sum":"${formatFloat(histogram.sum)}"`;
  return buckets.length === 0 ? `{${totals}}` : `{${totals},"buckets":[${buckets.join(",")}]}`;
}

function bucketJson(rule: number, lower: number, upper: number, count: number): string {
  return `[${rule},"${formatFloat(lower)}","${formatFloat(upper)}","${formatFloat(count)}"]`;
}

function negativeBuckets(histogram: NativeHistogram): string[] {
  const { negativeBuckets: counts, negativeOffset: offset, schema } = histogram;
  const texts: string[] = [];
  for (let i = counts.length - 1; i >= 0; i--) {
    const count = counts[i] ?? 0;
    if (count === 0) continue;
    const index = offset + i;
    texts.push(bucketJson(RULE.lower, -exponentialBound(schema, index), -exponentialBound(schema, index - 1), count));
  }
  return texts;
}

function zeroBucket({ zeroCount, zeroThreshold }: NativeHistogram): string[] {
  return zeroCount === 0 ? [] : [bucketJson(RULE.both, -zeroThreshold, zeroThreshold, zeroCount)];
}

function positiveBuckets(histogram: NativeHistogram): string[] {
  const { positiveBuckets: counts, positiveOffset: offset } = histogram;
  const texts: string[] = [];
  for (const [i, count] of counts.entries()) {
    if (count === 0) continue;
    const lower = upperBound(histogram, offset + i - 1);
    texts.push(bucketJson(RULE.upper, lower, upperBound(histogram, offset + i), count));
  }
  return texts;
}

function upperBound({ schema, customBounds }: NativeHistogram, index: number): number {
  if (schema !== CUSTOM_SCHEMA) return exponentialBound(schema, index);
  if (index < 0) return -Infinity;
  return customBounds[index] ?? Infinity;
}

/** The upper bound of an exponential bucket: 2 to the power of index × 2^-schema. */
function exponentialBound(schema: number, index: number): number {
  const bound = 2 ** (index * 2 ** -schema);
  return bound === Infinity && index * 2 ** -schema <= 1024 ? Number.MAX_VALUE : bound;
}
