import type { BinaryExpression, VectorMatching } from "../ast.ts";
import { ABSENT, type ColumnSeries, hasSamples, mergeSameLabels, type VectorValue, vectorOf } from "./column.ts";
import { createSignature, type SignatureOf } from "./label-signature.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import type { SampleBudget } from "./sample-budget.ts";
import type { TimeGrid } from "./time-grid.ts";

/** `and`, `unless` and `or`: series kept or left out step by step, by what the other side has. */
export function evaluateSetOperation(
  expression: BinaryExpression,
  matching: VectorMatching,
  left: VectorValue,
  right: VectorValue,
  grid: TimeGrid,
  { budget }: EvaluationContext,
): VectorValue {
  const signatureOf = createSignature(matching.labels, matching.on);
  if (expression.operator === "or") {
    const covered = presenceBySignature(left.series, signatureOf, grid.count, budget);
    const added = mask(right.series, covered, signatureOf, { wanted: false, budget });
    if (added.length === 0) return vectorOf(left.series);
    return vectorOf(mergeSameLabels([...left.series, ...added]));
  }
  const present = presenceBySignature(right.series, signatureOf, grid.count, budget);
  return vectorOf(mask(left.series, present, signatureOf, { wanted: expression.operator === "and", budget }));
}

/** For each signature, the steps at which any of its series has a sample. */
function presenceBySignature(
  series: readonly ColumnSeries[],
  signatureOf: SignatureOf,
  count: number,
  budget: SampleBudget,
): ReadonlyMap<string, Uint8Array> {
  const presence = new Map<string, Uint8Array>();
  for (const { labels, present } of series) {
    budget.work(count);
    const signature = signatureOf(labels);
    let union = presence.get(signature);
    if (union === undefined) {
      union = new Uint8Array(count);
      presence.set(signature, union);
    }
    for (let i = 0; i < count; i++) if (present[i] !== ABSENT) union[i] = 1;
  }
  return presence;
}

/** Keeps the steps whose signature is (`wanted`) or is not on the other side. */
function mask(
  series: readonly ColumnSeries[],
  other: ReadonlyMap<string, Uint8Array>,
  signatureOf: SignatureOf,
  { wanted, budget }: { readonly wanted: boolean; readonly budget: SampleBudget },
): ColumnSeries[] {
  const kept: ColumnSeries[] = [];
  for (const one of series) {
    budget.work(one.present.length);
    const union = other.get(signatureOf(one.labels));
    if (union === undefined) {
      if (!wanted) kept.push(one);
      continue;
    }
    const present = one.present.map((state, i) => ((union[i] === 1) === wanted ? state : ABSENT));
    const masked = { ...one, present };
    if (hasSamples(masked)) kept.push(masked);
  }
  return kept;
}
