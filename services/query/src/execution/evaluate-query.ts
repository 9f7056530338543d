import type { Expression, QueryRange, QueryResult, QueryValue, SampleSource, SelectRequest } from "@monotreme/promql";
import { BoundedSource, type ReadProgress } from "./bounded-source.ts";
import { orderValue } from "./order-value.ts";
import type { QueryEngine, ReadLimits } from "./query-limits.ts";

export interface EvaluationRequest {
  readonly expression: Expression;
  readonly text: string;
  readonly range: QueryRange;
  readonly lookbackMs: number;
  /** Epoch ms. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly limits: ReadLimits;
  /** Series in the answer at most; 0 = all. */
  readonly limit: number;
  /** Count the samples of each step. */
  readonly countsSamples?: boolean | undefined;
  readonly maxSourceResolution?: number | "auto" | undefined;
  /** Told of every selector that was read; throws to stop the query. */
  readonly onRead?: (progress: ReadProgress, request: SelectRequest) => void;
}

/** Where the time of an evaluation went, in seconds. */
export interface EvaluationTimings {
  /** Reading samples from the storage. */
  readonly prepareSeconds: number;
  readonly evaluationSeconds: number;
  /** Ordering the result by labels. */
  readonly sortSeconds: number;
}

/** A result and what it cost. */
export interface Evaluated extends QueryResult {
  readonly timings: EvaluationTimings;
  /** Whether the answer has fewer series than the result had. */
  readonly isTruncated: boolean;
}

/** Reads and evaluates one query within its limits, on this thread. */
export async function evaluateQuery(
  engine: QueryEngine,
  source: SampleSource,
  request: EvaluationRequest,
): Promise<Evaluated> {
  const { expression, range, limits, signal, lookbackMs, text, deadlineMs } = request;
  const startedMs = performance.now();
  const bounded = new BoundedSource(source, limits, request.onRead);
  const { maxSamples } = limits;
  const result = await engine.query(bounded, expression, range, {
    maxSamples,
    signal,
    lookbackMs,
    text,
    deadlineMs,
    countsSamples: request.countsSamples === true,
    ...(request.maxSourceResolution !== undefined && { maxSourceResolution: request.maxSourceResolution }),
  });
  const evaluatedMs = performance.now();
  const ordered = orderValue(result.value, expression);
  const preparedMs = bounded.readUntilMs ?? startedMs;
  const timings = {
    prepareSeconds: (preparedMs - startedMs) / 1000,
    evaluationSeconds: (evaluatedMs - preparedMs) / 1000,
    sortSeconds: (performance.now() - evaluatedMs) / 1000,
  };
  return { ...result, ...truncate(ordered, request.limit), timings };
}

function truncate(value: QueryValue, limit: number): { readonly value: QueryValue; readonly isTruncated: boolean } {
  if (limit > 0 && value.type === "vector" && value.samples.length > limit) {
    return { value: { ...value, samples: value.samples.slice(0, limit) }, isTruncated: true };
  }
  if (limit > 0 && value.type === "matrix" && value.series.length > limit) {
    return { value: { ...value, series: value.series.slice(0, limit) }, isTruncated: true };
  }
  return { value, isTruncated: false };
}
