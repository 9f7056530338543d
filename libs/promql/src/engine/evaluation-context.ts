import type { VectorSelector } from "../ast.ts";
import type { SeriesSamples } from "../value.ts";
import type { Annotations } from "./annotations.ts";
import type { QueryPlan } from "./plan-query.ts";
import type { RangeSeries } from "./range-window.ts";
import type { SampleBudget } from "./sample-budget.ts";
import type { SampleTally } from "./sample-tally.ts";

/** What a selector read: for instant selectors as stored, for range selectors without staleness markers. */
export interface LoadedSelector {
  readonly samples: readonly SeriesSamples[];
  readonly ranges: readonly RangeSeries[];
  /** The coarsest of the series, 0 where all are raw. */
  readonly resolutionMs: number;
}

/** What the evaluation of one query shares. */
export interface EvaluationContext {
  readonly plan: QueryPlan;
  readonly loaded: ReadonlyMap<VectorSelector, LoadedSelector>;
  readonly annotations: Annotations;
  readonly budget: SampleBudget;
  /** Counts the samples of each step; undefined where nobody asked. */
  readonly tally: SampleTally | undefined;
  readonly delayedNameRemoval: boolean;
  readonly useStartTimestamps: boolean;
  readonly queryText: string | undefined;
  /** A 64-bit hash of a series' labels, defined where the query has `limit_ratio`. */
  readonly hashOf: ((labels: RangeSeries["labels"]) => bigint) | undefined;
}
