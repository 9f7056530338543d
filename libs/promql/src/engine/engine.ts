import { createSeriesHasher, type Labels } from "@monotreme/model";
import type { Expression } from "../ast.ts";
import { childrenOf } from "../parser/children-of.ts";
import type { SampleSource } from "../sample-source.ts";
import type { QueryResult } from "../value.ts";
import { Annotations } from "./annotations.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { loadSamples } from "./load-samples.ts";
import { planQuery, type QueryRange } from "./plan-query.ts";
import { QueryInvalidError } from "./query-error.ts";
import { evaluateQuery } from "./query-result.ts";
import { SampleBudget } from "./sample-budget.ts";
import { SampleTally } from "./sample-tally.ts";

export interface EngineOptions {
  /** How far back an instant selector looks for a sample. */
  readonly lookbackMs: number;
  /** The step of subqueries that name none: the global evaluation interval. */
  readonly defaultSubqueryStepMs: number;
  /** Drop metric names when evaluation ends instead of at each function, so that label functions can still see them. */
  readonly delayedNameRemoval: boolean;
  /** rate, increase, irate and resets heed when the counting of samples began, and counters start from zero then. */
  readonly useStartTimestamps: boolean;
  /** The limit of queries that name none. */
  readonly maxSamples: number;
  /** At most so many warnings and infos each, then a line that says how many more there were; 0 = all. */
  readonly maxAnnotations: number;
}

export interface QueryLimits {
  /** Samples held in memory at once. */
  readonly maxSamples?: number;
  /** Cancels the query; a reason named `TimeoutError` counts as a timeout. */
  readonly signal?: AbortSignal;
  /** Epoch ms after which the query stops with a timeout, also where no event loop can fire the signal. */
  readonly deadlineMs?: number;
  readonly lookbackMs?: number;
  /**
   * The coarsest resolution in ms that the source may answer from; `"auto"`: as coarse as fits each selector's function,
   * window and step. Absent or 0: raw samples, while these exist.
   */
  readonly maxSourceResolution?: number | "auto";
  /** Count the samples of each step. */
  readonly countsSamples?: boolean;
  /** The query's text, from which annotations take line and column. */
  readonly text?: string;
}

const DEFAULT_OPTIONS: EngineOptions = {
  lookbackMs: 300_000,
  defaultSubqueryStepMs: 60_000,
  delayedNameRemoval: false,
  useStartTimestamps: false,
  maxSamples: 50_000_000,
  maxAnnotations: 10,
};

/**
 * Evaluates PromQL over a sample source, column by column: each selector is read once for the whole query, each
 * expression evaluated once over all steps. An engine has no state of its own, so queries may run at the same time;
 * evaluation itself is synchronous and belongs into a worker where other work must not wait.
 */
export class Engine {
  readonly #options: EngineOptions;

  constructor(options: Partial<EngineOptions> = {}) {
    this.#options = { ...DEFAULT_OPTIONS, ...options };
  }

  /** Rejects with `QueryInvalidError`, `QueryExecutionError`, `TooManySamplesError` or `QueryStoppedError`. */
  async query(
    source: SampleSource,
    expression: Expression,
    range: QueryRange,
    limits: QueryLimits = {},
  ): Promise<QueryResult> {
    checkRange(range);
    const { defaultSubqueryStepMs, delayedNameRemoval, maxAnnotations, useStartTimestamps } = this.#options;
    const maxSamples = limits.maxSamples ?? this.#options.maxSamples;
    const lookbackMs = limits.lookbackMs ?? this.#options.lookbackMs;
    const { maxSourceResolution } = limits;
    const planOptions = { lookbackMs, defaultSubqueryStepMs, maxSourceResolution, useStartTimestamps };
    const plan = planQuery(expression, range, planOptions);
    const budget = new SampleBudget({ maxSamples, signal: limits.signal, deadlineMs: limits.deadlineMs });
    budget.checkStopped();
    budget.holdCells(plan.grid.count);
    // Steps of subqueries beyond all limits are refused before anything is read for them.
    for (const { grid } of plan.subqueries.values()) {
      budget.holdCells(grid.count);
      budget.releaseCells(grid.count);
    }
    const loaded = await loadSamples(source, plan, { maxSamples, signal: limits.signal }, budget);
    budget.checkStopped();
    const annotations = new Annotations(limits.text);
    const context: EvaluationContext = {
      plan,
      loaded: loaded.selectors,
      annotations,
      budget,
      tally: limits.countsSamples === true ? new SampleTally(plan.grid.count) : undefined,
      delayedNameRemoval,
      useStartTimestamps,
      queryText: limits.text,
      hashOf: usesHash(expression) ? await createHash() : undefined,
    };
    const value = evaluateQuery(expression, context);
    return {
      value,
      warnings: annotations.warnings(maxAnnotations),
      infos: annotations.infos(maxAnnotations),
      resolutionMs: [...loaded.selectors.values()].reduce((coarsest, one) => Math.max(coarsest, one.resolutionMs), 0),
      samplesRead: loaded.samplesRead,
      peakSamples: budget.peakSamples,
      ...(context.tally === undefined ? {} : { statistics: context.tally.statistics() }),
    };
  }
}

function checkRange({ startMs, endMs, stepMs }: QueryRange): void {
  if (!Number.isFinite(startMs) || !Number.isFinite(endMs) || !Number.isFinite(stepMs)) {
    throw new QueryInvalidError("query times must be finite");
  }
  if (stepMs < 0) throw new QueryInvalidError("zero or negative query resolution step widths are not accepted");
  if (stepMs > 0 && endMs < startMs) throw new QueryInvalidError("end timestamp must not be before start time");
}

/** The hash of labels that `limit_ratio` samples by; the same in every process. */
async function createHash(): Promise<(labels: Labels) => bigint> {
  const hasher = await createSeriesHasher();
  return (labels) => hasher.seriesId("", labels);
}

function usesHash(expression: Expression): boolean {
  if (expression.kind === "aggregation" && expression.operator === "limit_ratio") return true;
  return childrenOf(expression).some(usesHash);
}
