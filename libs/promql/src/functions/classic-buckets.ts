/** Counts closer than this, relatively, are taken to be equal: scrapes and sums make small errors. */
const SMALL_DELTA_TOLERANCE = 1e-12;

const SMALLEST_NORMAL = 2.2250738585072014e-308;

/** A bucket of a classic histogram: how many observations were at most `upperBound`. */
export interface Bucket {
  readonly upperBound: number;
  count: number;
}

/** What `prepareBuckets` had to change so that counts do not fall. */
export interface MonotonicityFix {
  readonly fromBound: number;
  readonly toBound: number;
  readonly maxDifference: number;
}

export interface PreparedBuckets {
  /** Sorted by bound, one a bound, counts not falling. */
  readonly buckets: readonly Bucket[];
  /** Defined where counts fell by more than the tolerance. */
  readonly fix: MonotonicityFix | undefined;
}

/** Sorts, joins equal bounds and makes counts monotonic; undefined where the highest bound is not +Inf. */
export function prepareBuckets(unsorted: readonly Bucket[]): PreparedBuckets | undefined {
  const sorted = unsorted.toSorted((a, b) => (a.upperBound < b.upperBound ? -1 : a.upperBound > b.upperBound ? 1 : 0));
  if (sorted.at(-1)?.upperBound !== Infinity) return undefined;
  const buckets: Bucket[] = [];
  for (const { upperBound, count } of sorted) {
    const last = buckets.at(-1);
    if (last?.upperBound === upperBound) last.count += count;
    else buckets.push({ upperBound, count });
  }
  return { buckets, fix: makeMonotonic(buckets) };
}

function makeMonotonic(buckets: readonly Bucket[]): MonotonicityFix | undefined {
  let previous = buckets[0]!.count;
  let fix: MonotonicityFix | undefined;
  for (const bucket of buckets.slice(1)) {
    const { count, upperBound } = bucket;
    if (count === previous) continue;
    if (isAlmostEqual(previous, count)) {
      bucket.count = previous;
    } else if (count < previous) {
      const maxDifference = Math.max(fix?.maxDifference ?? 0, previous - count);
      fix = { fromBound: fix?.fromBound ?? upperBound, toBound: upperBound, maxDifference };
      bucket.count = previous;
    } else {
      previous = count;
    }
  }
  return fix;
}

function isAlmostEqual(a: number, b: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < SMALLEST_NORMAL) return difference < SMALL_DELTA_TOLERANCE * SMALLEST_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < SMALL_DELTA_TOLERANCE;
}

/** φ outside [0, 1] answered without looking at any bucket; undefined for a φ inside. */
export function trivialQuantile(phi: number): number | undefined {
  if (Number.isNaN(phi)) return Number.NaN;
  if (phi < 0) return -Infinity;
  return phi > 1 ? Infinity : undefined;
}

/** The φ-quantile, linear within a bucket; in the highest bucket the second highest bound. */
export function bucketQuantile(phi: number, prepared: PreparedBuckets | undefined): number {
  const trivial = trivialQuantile(phi);
  if (trivial !== undefined) return trivial;
  const buckets = prepared?.buckets ?? [];
  if (buckets.length < 2) return Number.NaN;
  const observations = buckets.at(-1)!.count;
  if (observations === 0 || Number.isNaN(observations)) return Number.NaN;
  const rank = phi * observations;
  let at = 0;
  while (at < buckets.length - 1 && !(buckets[at]!.count >= rank)) at++;
  if (at === buckets.length - 1) return buckets[at - 1]!.upperBound;
  const { upperBound, count } = buckets[at]!;
  if (at === 0 && upperBound <= 0) return upperBound;
  const lower = at > 0 ? buckets[at - 1]! : { upperBound: 0, count: 0 };
  return lower.upperBound + (upperBound - lower.upperBound) * ((rank - lower.count) / (count - lower.count));
}

/** The share of observations between two values, linear within a bucket. */
export function bucketFraction(lower: number, upper: number, prepared: PreparedBuckets | undefined): number {
  const buckets = prepared?.buckets ?? [];
  const total = buckets.at(-1)?.count ?? 0;
  if (total === 0 || Number.isNaN(total) || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, buckets) - rankOf(lower, buckets)) / total;
}

/** How many observations are estimated to lie at or below a value. */
function rankOf(value: number, buckets: readonly Bucket[]): number {
  let lowerBound = buckets[0]!.upperBound > 0 ? 0 : -Infinity;
  let below = 0;
  if (value <= lowerBound) return 0;
  for (const { upperBound, count } of buckets) {
    if (value === lowerBound) return below;
    if (value < upperBound) {
      if (lowerBound === -Infinity) return count;
      return below + ((count - below) * (value - lowerBound)) / (upperBound - lowerBound);
    }
    lowerBound = upperBound;
    below = count;
  }
  return below;
}
