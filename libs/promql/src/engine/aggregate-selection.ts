import type { Aggregation } from "../ast.ts";
import type { AggregationGroup } from "./aggregation-group.ts";
import { shownFloat } from "./annotations.ts";
import { ABSENT, type ColumnSeries, FLOAT, hasSamples, type VectorValue, vectorOf } from "./column.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { QueryExecutionError } from "./query-error.ts";
import type { SampleBudget } from "./sample-budget.ts";

/** Up to this k, the best are kept in order by insertion; above it, all candidates are sorted. */
const MAX_INSERTION_K = 32;

const TWO_TO_64 = 2 ** 64;

function checkCounts(counts: Float64Array): void {
  for (const count of counts) {
    if (Number.isNaN(count)) throw new QueryExecutionError("Parameter value is NaN");
    if (count >= 2 ** 63) throw new QueryExecutionError(`Scalar value ${shownFloat(count)} overflows int64`);
    if (count <= -(2 ** 63)) throw new QueryExecutionError(`Scalar value ${shownFloat(count)} underflows int64`);
  }
}

/** A copy of a series without samples, to which chosen steps are added. */
function emptied(series: ColumnSeries): ColumnSeries {
  return { ...series, present: new Uint8Array(series.present.length) };
}

/** topk (`direction` 1) and bottomk (−1): the k best floats of each group and step; NaN is the worst. */
export function selectByRank(
  groups: readonly AggregationGroup[],
  counts: Float64Array,
  direction: 1 | -1,
  context: EvaluationContext,
): VectorValue {
  checkCounts(counts);
  const chosen: ColumnSeries[] = [];
  for (const { members } of groups) {
    const selected = members.map(emptied);
    let lastRanking: readonly number[] = [];
    for (let step = 0; step < counts.length; step++) {
      lastRanking = rankStep(members, step, Math.trunc(counts[step]!), { direction, budget: context.budget });
      for (const index of lastRanking) selected[index]!.present[step] = FLOAT;
      context.budget.work(members.length);
    }
    // The order is shown by instant queries only, which have one step.
    const order = counts.length === 1 ? lastRanking : selected.keys();
    for (const index of order) if (hasSamples(selected[index]!)) chosen.push(selected[index]!);
  }
  return vectorOf(chosen);
}

/** Indexes of the k best at a step, best first; of equal ones the earlier series first. */
function rankStep(
  members: readonly ColumnSeries[],
  step: number,
  k: number,
  { direction, budget }: { readonly direction: 1 | -1; readonly budget: SampleBudget },
): readonly number[] {
  if (k < 1) return [];
  const isBefore = (a: number, b: number): boolean => {
    const left = members[a]!.values[step]!;
    const right = members[b]!.values[step]!;
    if (Number.isNaN(right)) return !Number.isNaN(left);
    return direction === 1 ? left > right : left < right;
  };
  const candidates: number[] = [];
  for (let index = 0; index < members.length; index++) {
    if (members[index]!.present[step] === FLOAT) candidates.push(index);
  }
  if (k > MAX_INSERTION_K) {
    candidates.sort((a, b) => {
      budget.work(1);
      return isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : a - b;
    });
    return candidates.slice(0, k);
  }
  const best: number[] = [];
  for (const index of candidates) {
    if (best.length === k && !isBefore(index, best[k - 1]!)) continue;
    let at = best.length;
    while (at > 0 && isBefore(index, best[at - 1]!)) at--;
    best.splice(at, 0, index);
    if (best.length > k) best.pop();
  }
  return best;
}

/** limitk: the first k samples of each group and step, of any kind, in the order of the series. */
export function selectFirst(
  groups: readonly AggregationGroup[],
  counts: Float64Array,
  context: EvaluationContext,
): VectorValue {
  checkCounts(counts);
  const chosen: ColumnSeries[] = [];
  for (const { members } of groups) {
    const taken = new Float64Array(counts.length);
    for (const member of members) {
      const selected = emptied(member);
      for (let step = 0; step < counts.length; step++) {
        if (member.present[step] === ABSENT || taken[step]! >= Math.trunc(counts[step]!)) continue;
        taken[step]!++;
        selected.present[step] = member.present[step]!;
      }
      context.budget.work(counts.length);
      if (hasSamples(selected)) chosen.push(selected);
    }
  }
  return vectorOf(chosen);
}

/**
 * limit_ratio: the series whose label hash, as a fraction of its range, lies below the ratio, or for a negative ratio
 * at or above 1 + ratio, so that `r` and `r − 1` complement each other.
 */
export function limitRatio(
  expression: Aggregation,
  groups: readonly AggregationGroup[],
  ratios: Float64Array,
  context: EvaluationContext,
): VectorValue {
  const limits = ratios.map((ratio) => cappedRatio(ratio, expression, context));
  const chosen: ColumnSeries[] = [];
  for (const { members } of groups) {
    for (const member of members) {
      const offset = Number(context.hashOf?.(member.labels) ?? 0n) / TWO_TO_64;
      context.budget.work(limits.length);
      const selected = emptied(member);
      for (let step = 0; step < limits.length; step++) {
        const limit = limits[step]!;
        const isChosen = limit >= 0 ? offset < limit : offset >= 1 + limit;
        if (isChosen) selected.present[step] = member.present[step]!;
      }
      if (hasSamples(selected)) chosen.push(selected);
    }
  }
  return vectorOf(chosen);
}

function cappedRatio(ratio: number, expression: Aggregation, context: EvaluationContext): number {
  if (Number.isNaN(ratio)) throw new QueryExecutionError("Ratio value is NaN");
  const capped = Math.max(-1, Math.min(1, ratio));
  if (capped !== ratio) {
    context.annotations.warn(
      `ratio value should be between -1 and 1, got ${shownFloat(ratio)}, capping to ${shownFloat(capped)}`,
      expression.parameter?.position ?? expression.position,
    );
  }
  return capped;
}
