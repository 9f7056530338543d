import type { ResultCache } from "../cache/result-cache.ts";
import { samplesOf, type StepGrid, type StepMatrix } from "../cache/step-matrix.ts";
import { queryResultJson } from "../response/value-json.ts";
import type { QueryRequest, QueryTimings, RunResult } from "./query-runner.ts";

/** The result cache, and what beside a query's text gives it its meaning. */
export interface CacheAccess {
  readonly results: ResultCache;
  readonly defaultSubqueryStepMs: number;
  /** Switches of the language. */
  readonly language: object;
}

/** What is wanted of an evaluation for the cache. */
export interface WantedColumns {
  readonly grid: StepGrid;
  /** What to do with a result that is too large to be kept: answer it as any other, or nothing. */
  readonly otherwise: "json" | "nothing";
}

/** A result on this thread. */
export interface Evaluation extends RunResult {
  /** Where columns were wanted and the result is small enough. */
  readonly matrix?: StepMatrix | undefined;
  /** Resolves when the worker that still gives the answer is free again. */
  readonly settled?: Promise<void>;
}

const NO_TIME: QueryTimings = { queueSeconds: 0, prepareSeconds: 0, evaluationSeconds: 0, sortSeconds: 0 };

/** Answers a range query by the cache, and evaluates what it has not; undefined where it cannot help. */
export async function runThroughCache(
  { results, defaultSubqueryStepMs, language }: CacheAccess,
  request: QueryRequest & { readonly lookbackMs: number },
  evaluate: (part: QueryRequest, columns: WantedColumns) => Promise<Evaluation>,
): Promise<Evaluation | undefined> {
  if (request.limit > 0) return results.bypass("shape");
  const { lookbackMs, maxSourceResolution } = request;
  const plan = { lookbackMs, defaultSubqueryStepMs, ...(maxSourceResolution !== undefined && { maxSourceResolution }) };
  const query = { ...request, plan, language };
  const evaluations: Evaluation[] = [];
  let plain: Evaluation | undefined;
  const answer = await results.answer(query, async (range, { grid }) => {
    const isAll = range.startMs === request.range.startMs && range.endMs > request.range.endMs - range.stepMs;
    const evaluation = await evaluate({ ...request, range }, { grid, otherwise: isAll ? "json" : "nothing" });
    evaluations.push(evaluation);
    const { matrix, resolutionMs = 0 } = evaluation;
    if (matrix !== undefined) return { ...evaluation, matrix, resolutionMs };
    if (isAll) plain = evaluation;
    return undefined;
  });
  if (answer === undefined) return plain;
  return {
    ...answer,
    valueType: "matrix",
    isTruncated: false,
    samplesRead: evaluations.reduce((sum, { samplesRead }) => sum + samplesRead, 0),
    peakSamples: evaluations.reduce((most, { peakSamples }) => Math.max(most, peakSamples), 0),
    ...statisticsOf(evaluations),
    timings: evaluations.reduce((sum, { timings }) => added(sum, timings), NO_TIME),
    cache: answer.result,
    result: queryResultJson({ type: "matrix", series: samplesOf(answer.matrix, answer.shape.grid) }),
  };
}

/** What was counted of the steps that were evaluated, in all. */
function statisticsOf(evaluations: readonly Evaluation[]): Pick<Evaluation, "statistics"> {
  if (evaluations.some(({ statistics }) => statistics === undefined)) return {};
  const counted = evaluations.flatMap(({ statistics }) => statistics ?? []);
  return {
    statistics: {
      considered: counted.reduce((sum, { considered }) => sum + considered, 0),
      read: counted.reduce((sum, { read }) => sum + read, 0),
      consideredPerStep: new Float64Array(0),
      readPerStep: new Float64Array(0),
    },
  };
}

function added(a: QueryTimings, b: QueryTimings): QueryTimings {
  return {
    queueSeconds: a.queueSeconds + b.queueSeconds,
    prepareSeconds: a.prepareSeconds + b.prepareSeconds,
    evaluationSeconds: a.evaluationSeconds + b.evaluationSeconds,
    sortSeconds: a.sortSeconds + b.sortSeconds,
  };
}
