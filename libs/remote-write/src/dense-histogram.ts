import type { CounterResetHint, NativeHistogram } from "@monotreme/model";

/** Where buckets lie: `offset` after the end of the span before (the first: from index 0), then `length` buckets. */
export interface BucketSpan {
  readonly offset: number;
  readonly length: number;
}

/** One side of a histogram as it is sent: deltas of integer counts, or counts. */
export interface RawBuckets {
  readonly spans: BucketSpan[];
  readonly deltas: number[];
  readonly counts: number[];
}

/** A native histogram as it is sent. */
export interface RawHistogram {
  isInteger: boolean;
  counterResetHint: CounterResetHint;
  schema: number;
  zeroThreshold: number;
  zeroCount: number;
  count: number;
  sum: number;
  readonly positive: RawBuckets;
  readonly negative: RawBuckets;
  readonly customBounds: number[];
}

const CUSTOM_SCHEMA = -53;
const LOWEST_SCHEMA = -4;
const HIGHEST_SCHEMA = 8;
const HIGHEST_KNOWN_SCHEMA = 52;
/** Buckets of one side, gaps included; a histogram that needs more is stored at a lower resolution. */
const MAX_BUCKETS = 8192;

/** What a histogram may be at most, beyond the storage's own bounds. */
export interface HistogramBounds {
  /** Buckets of both sides, at a lower resolution where need be; 0 = any. */
  readonly bucketLimit: number;
  /** The highest resolution. */
  readonly maxSchema: number;
}

const NO_BOUNDS: HistogramBounds = { bucketLimit: 0, maxSchema: HIGHEST_SCHEMA };

/** Counts by index, in ascending order of the indexes. */
interface SparseBuckets {
  readonly indexes: number[];
  readonly counts: number[];
}

/**
 * The histogram with absolute counts and without gaps, schemas above 8 and very wide ones at a lower resolution; or why
 * it is none (the rules of upstream's validation).
 */
export function denseHistogram(raw: RawHistogram, bounds: HistogramBounds = NO_BOUNDS): NativeHistogram | string {
  const isCustom = raw.schema === CUSTOM_SCHEMA;
  if (!isCustom && (raw.schema < LOWEST_SCHEMA || raw.schema > HIGHEST_KNOWN_SCHEMA)) {
    return `schema ${raw.schema} is not known`;
  }
  const [positive, negative] = [sparseBuckets(raw.positive, raw.isInteger), sparseBuckets(raw.negative, raw.isInteger)];
  if (typeof positive === "string") return positive;
  if (typeof negative === "string") return negative;
  const fault = countFault(raw, positive, negative) ?? (isCustom ? customFault(raw, positive, negative) : undefined);
  if (fault !== undefined) return fault;
  let schema = raw.schema;
  let sides = [positive, negative];
  const highest = Math.min(Math.max(bounds.maxSchema, LOWEST_SCHEMA), HIGHEST_SCHEMA);
  while ((!isCustom && schema > highest) || isTooLarge(sides, bounds.bucketLimit)) {
    if (isCustom || schema === LOWEST_SCHEMA) return tooLargeFault(sides, bounds.bucketLimit);
    schema--;
    sides = sides.map(halved);
  }
  const [positiveBuckets, negativeBuckets] = sides.map(filled);
  return {
    schema,
    counterResetHint: raw.counterResetHint,
    zeroThreshold: raw.zeroThreshold,
    zeroCount: raw.zeroCount,
    count: raw.count,
    sum: raw.sum,
    positiveOffset: sides[0]?.indexes[0] ?? 0,
    positiveBuckets: positiveBuckets ?? [],
    negativeOffset: sides[1]?.indexes[0] ?? 0,
    negativeBuckets: negativeBuckets ?? [],
    customBounds: raw.customBounds,
  };
}

function sparseBuckets({ spans, deltas, counts: absolute }: RawBuckets, isInteger: boolean): SparseBuckets | string {
  const given = isInteger ? deltas : absolute;
  const indexes: number[] = [];
  const counts: number[] = [];
  let index = 0;
  let count = 0;
  for (const [i, { offset, length }] of spans.entries()) {
    if (i > 0 && offset < 0) return "a span has a negative offset";
    // Checked before the loop: a length is a claim, the numbers were sent.
    if (length < 0 || indexes.length + length > given.length) return "its spans have more buckets than counts";
    index += offset;
    for (let bucket = 0; bucket < length; bucket++) {
      const value = given[indexes.length] ?? 0;
      count = isInteger ? count + value : value;
      if (count < 0) return "a bucket has a negative count";
      indexes.push(index++);
      counts.push(count);
    }
  }
  if (indexes.length < given.length) return "its spans have fewer buckets than counts";
  return { indexes, counts };
}

function countFault(raw: RawHistogram, positive: SparseBuckets, negative: SparseBuckets): string | undefined {
  if (raw.count < 0 || raw.zeroCount < 0) return "it has a negative count";
  if (!(raw.zeroThreshold >= 0)) return "its zero threshold is negative";
  if (!raw.isInteger) return undefined;
  let total = raw.zeroCount;
  for (const count of [...positive.counts, ...negative.counts]) total += count;
  // Observations of NaN count, and are in no bucket.
  const isWrong = Number.isNaN(raw.sum) ? total > raw.count : total !== raw.count;
  return isWrong ? `its buckets hold ${total} observations, its count is ${raw.count}` : undefined;
}

function customFault(raw: RawHistogram, positive: SparseBuckets, negative: SparseBuckets): string | undefined {
  const { customBounds } = raw;
  const isAscending = customBounds.every(
    (bound, i) => Number.isFinite(bound) && (i === 0 || bound > (customBounds[i - 1] ?? 0)),
  );
  if (!isAscending) return "its custom bounds do not ascend";
  if (customBounds.length >= MAX_BUCKETS) return `it has more than ${MAX_BUCKETS} custom buckets`;
  if (raw.zeroCount !== 0 || raw.zeroThreshold !== 0) return "it has custom buckets and a zero bucket";
  if (negative.indexes.length > 0) return "it has custom buckets and negative ones";
  const isInside = (positive.indexes[0] ?? 0) >= 0 && (positive.indexes.at(-1) ?? 0) <= customBounds.length;
  return isInside ? undefined : "it has more buckets than custom bounds";
}

function isTooLarge(sides: readonly SparseBuckets[], bucketLimit: number): boolean {
  if (sides.some((side) => widthOf(side) > MAX_BUCKETS)) return true;
  return bucketLimit > 0 && sides.reduce((sum, { indexes }) => sum + indexes.length, 0) > bucketLimit;
}

function tooLargeFault(sides: readonly SparseBuckets[], bucketLimit: number): string {
  const isWide = sides.some((side) => widthOf(side) > MAX_BUCKETS);
  return isWide ? `its buckets span more than ${MAX_BUCKETS}` : `it has more than ${bucketLimit} buckets`;
}

function widthOf({ indexes }: SparseBuckets): number {
  return indexes.length === 0 ? 0 : (indexes.at(-1) ?? 0) - (indexes[0] ?? 0) + 1;
}

/** At the next lower resolution, where each bucket takes in two. */
function halved({ indexes, counts }: SparseBuckets): SparseBuckets {
  const merged: SparseBuckets = { indexes: [], counts: [] };
  for (const [i, index] of indexes.entries()) {
    const target = Math.ceil(index / 2);
    const last = merged.indexes.length - 1;
    if (merged.indexes[last] === target) merged.counts[last] = (merged.counts[last] ?? 0) + (counts[i] ?? 0);
    else {
      merged.indexes.push(target);
      merged.counts.push(counts[i] ?? 0);
    }
  }
  return merged;
}

function filled(side: SparseBuckets): number[] {
  const buckets = Array.from({ length: widthOf(side) }, () => 0);
  const first = side.indexes[0] ?? 0;
  for (const [i, index] of side.indexes.entries()) buckets[index - first] = side.counts[i] ?? 0;
  return buckets;
}
