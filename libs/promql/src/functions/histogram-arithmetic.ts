import type { NativeHistogram } from "../value.ts";
import { QueryExecutionError } from "../engine/query-error.ts";
import {
  type BucketRun,
  commonBounds,
  compacted,
  hasCustomBuckets,
  hasSameBounds,
  negativeRun,
  positiveRun,
  toBounds,
  toSchema,
  trimRun,
  withZeroThreshold,
} from "./histogram-layout.ts";

/** Buckets of one side between the smallest and the largest float at the highest resolution, and a few more. */
const MAX_RUN = 540_672;

/** Puts the values that one field has in several histograms together. */
export type CombineValues = (values: Float64Array) => number;

export interface CombinedHistogram {
  readonly histogram: NativeHistogram;
  /** Custom bounds differed, so only the common ones were kept. */
  readonly isReconciled: boolean;
  /** One histogram said that its counter was reset and another that it was not. */
  readonly hasResetConflict: boolean;
}

/** Whether histograms can be combined: all exponential or all with custom buckets. */
export function isCombinable(histograms: readonly NativeHistogram[]): boolean {
  const [first] = histograms;
  return first === undefined || histograms.every((one) => hasCustomBuckets(one) === hasCustomBuckets(first));
}

/** Combines histograms that are {@link isCombinable}, at least one, field by field at their common layout. */
export function combineHistograms(histograms: readonly NativeHistogram[], combine: CombineValues): CombinedHistogram {
  const { aligned, isReconciled } = align(histograms);
  const first = aligned[0]!;
  const scratch = new Float64Array(aligned.length);
  const field = (pick: (histogram: NativeHistogram) => number): number => {
    for (const [i, one] of aligned.entries()) scratch[i] = pick(one);
    return combine(scratch);
  };
  const positive = combineRuns(aligned.map(positiveRun), combine);
  const negative = combineRuns(aligned.map(negativeRun), combine);
  const hint = combineHints(histograms);
  const histogram = {
    schema: first.schema,
    counterResetHint: hint.hint,
    zeroThreshold: first.zeroThreshold,
    zeroCount: field((one) => one.zeroCount),
    count: field((one) => one.count),
    sum: field((one) => one.sum),
    positiveOffset: positive.offset,
    positiveBuckets: positive.counts,
    negativeOffset: negative.offset,
    negativeBuckets: negative.counts,
    customBounds: first.customBounds,
  };
  return { histogram, isReconciled, hasResetConflict: hint.isConflict };
}

function align(histograms: readonly NativeHistogram[]): { aligned: readonly NativeHistogram[]; isReconciled: boolean } {
  const [first, ...rest] = histograms;
  if (first === undefined || rest.length === 0) return { aligned: histograms, isReconciled: false };
  if (hasCustomBuckets(first)) {
    if (rest.every((one) => hasSameBounds(one.customBounds, first.customBounds))) {
      return { aligned: histograms, isReconciled: false };
    }
    const bounds = rest.reduce<readonly number[]>(
      (common, one) => commonBounds(common, one.customBounds),
      first.customBounds,
    );
    return { aligned: histograms.map((one) => toBounds(one, bounds)), isReconciled: true };
  }
  let threshold = 0;
  let schema = first.schema;
  for (const one of histograms) {
    threshold = Math.max(threshold, one.zeroThreshold);
    schema = Math.min(schema, one.schema);
  }
  return { aligned: alignZeroBuckets(histograms, threshold).map((one) => toSchema(one, schema)), isReconciled: false };
}

/** Widens zero buckets until they are all the same; each pass can only reach further out, bucket by bucket. */
function alignZeroBuckets(histograms: readonly NativeHistogram[], threshold: number): readonly NativeHistogram[] {
  let aligned = histograms;
  let reach = threshold;
  for (;;) {
    aligned = aligned.map((one) => (one.zeroThreshold === reach ? one : withZeroThreshold(one, reach)));
    const widest = aligned.reduce((most, one) => Math.max(most, one.zeroThreshold), 0);
    if (aligned.every((one) => one.zeroThreshold === widest)) return aligned;
    if (widest === reach) return aligned.map((one) => ({ ...one, zeroThreshold: reach }));
    reach = widest;
  }
}

function combineRuns(runs: readonly BucketRun[], combine: CombineValues): BucketRun {
  let from = Infinity;
  let to = -Infinity;
  for (const { offset, counts } of runs) {
    if (counts.length === 0) continue;
    from = Math.min(from, offset);
    to = Math.max(to, offset + counts.length);
  }
  if (from >= to) return { offset: 0, counts: [] };
  if (to - from > MAX_RUN) throw new QueryExecutionError("histogram buckets lie too far apart to be combined");
  const scratch = new Float64Array(runs.length);
  const counts: number[] = [];
  for (let index = from; index < to; index++) {
    for (const [i, run] of runs.entries()) scratch[i] = run.counts[index - run.offset] ?? 0;
    counts.push(combine(scratch));
  }
  return { offset: from, counts };
}

type ResetHint = NativeHistogram["counterResetHint"];

/** A gauge makes everything a gauge; what is not known of one is not known of the whole. */
function combineHints(histograms: readonly NativeHistogram[]): { hint: ResetHint; isConflict: boolean } {
  const hints = new Set(histograms.map(({ counterResetHint }) => counterResetHint));
  const isConflict = hints.has("reset") && hints.has("not-reset");
  if (hints.has("gauge")) return { hint: "gauge", isConflict };
  const [only] = hints;
  return { hint: hints.size === 1 && only !== undefined ? only : "unknown", isConflict };
}

const sumOfTwo: CombineValues = (values) => values[0]! + values[1]!;
const difference: CombineValues = (values) => values[0]! - values[1]!;

export function addHistograms(a: NativeHistogram, b: NativeHistogram): CombinedHistogram {
  return combineHistograms([a, b], sumOfTwo);
}

/** The difference is a gauge, whatever its operands are. */
export function subtractHistograms(a: NativeHistogram, b: NativeHistogram): CombinedHistogram {
  const combined = combineHistograms([a, b], difference);
  return { ...combined, histogram: { ...combined.histogram, counterResetHint: "gauge" } };
}

function mapCounts(histogram: NativeHistogram, change: (count: number) => number): NativeHistogram {
  return {
    ...histogram,
    zeroCount: change(histogram.zeroCount),
    count: change(histogram.count),
    sum: change(histogram.sum),
    positiveBuckets: histogram.positiveBuckets.map(change),
    negativeBuckets: histogram.negativeBuckets.map(change),
  };
}

function gaugeIfNegative(histogram: NativeHistogram, factor: number): NativeHistogram {
  return factor < 0 ? { ...histogram, counterResetHint: "gauge" } : histogram;
}

/** All counts times a factor; a negative one makes a gauge. */
export function scaleHistogram(histogram: NativeHistogram, factor: number): NativeHistogram {
  return gaugeIfNegative(
    mapCounts(histogram, (count) => count * factor),
    factor,
  );
}

/** All counts divided; division by zero leaves no buckets. */
export function divideHistogram(histogram: NativeHistogram, divisor: number): NativeHistogram {
  const divided = mapCounts(histogram, (count) => count / divisor);
  if (divisor === 0)
    return { ...divided, positiveOffset: 0, positiveBuckets: [], negativeOffset: 0, negativeBuckets: [] };
  return gaugeIfNegative(divided, divisor);
}

function sameRun(a: BucketRun, b: BucketRun): boolean {
  const [left, right] = [trimRun(a), trimRun(b)];
  return (
    left.counts.length === right.counts.length &&
    left.offset === right.offset &&
    left.counts.every((count, i) => count === right.counts[i])
  );
}

/** Whether two histograms have the same counts in the same layout. */
export function isEqualHistogram(a: NativeHistogram, b: NativeHistogram): boolean {
  return (
    a.schema === b.schema &&
    a.count === b.count &&
    (a.sum === b.sum || (Number.isNaN(a.sum) && Number.isNaN(b.sum))) &&
    a.zeroThreshold === b.zeroThreshold &&
    a.zeroCount === b.zeroCount &&
    hasSameBounds(a.customBounds, b.customBounds) &&
    sameRun(positiveRun(a), positiveRun(b)) &&
    sameRun(negativeRun(a), negativeRun(b))
  );
}

/** Whether a counter started anew between two histograms: by its own hint, a finer layout, or any falling count. */
export function isResetBetween(previous: NativeHistogram, current: NativeHistogram): boolean {
  if (current.counterResetHint === "reset") return true;
  if (current.counterResetHint === "not-reset") return false;
  if (current.count < previous.count) return true;
  if (hasCustomBuckets(current) !== hasCustomBuckets(previous)) return true;
  if (hasCustomBuckets(current)) {
    const bounds = commonBounds(previous.customBounds, current.customBounds);
    return hasFallen(positiveRun(toBounds(previous, bounds)), positiveRun(toBounds(current, bounds)));
  }
  if (current.schema > previous.schema || current.zeroThreshold < previous.zeroThreshold) return true;
  const widened =
    current.zeroThreshold === previous.zeroThreshold ? previous : withZeroThreshold(previous, current.zeroThreshold);
  if (widened.zeroThreshold !== current.zeroThreshold || current.zeroCount < widened.zeroCount) return true;
  const reduced = toSchema(widened, current.schema);
  return hasFallen(positiveRun(reduced), positiveRun(current)) || hasFallen(negativeRun(reduced), negativeRun(current));
}

function hasFallen(previous: BucketRun, current: BucketRun): boolean {
  return previous.counts.some((count, i) => count > (current.counts[previous.offset + i - current.offset] ?? 0));
}

/** An empty histogram of the same layout as another. */
export function emptyLike(histogram: NativeHistogram): NativeHistogram {
  return {
    ...compacted(histogram),
    count: 0,
    sum: 0,
    zeroCount: 0,
    zeroThreshold: 0,
    positiveOffset: 0,
    positiveBuckets: [],
    negativeOffset: 0,
    negativeBuckets: [],
  };
}
