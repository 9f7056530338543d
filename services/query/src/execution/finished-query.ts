import type { QueryRange } from "@monotreme/promql";
import type { QueryRequest, RunResult } from "./query-runner.ts";

/** A query that ended, well or with a fault. */
export interface FinishedQuery {
  readonly request: QueryRequest;
  readonly result: RunResult | undefined;
  readonly error: unknown;
  /** From its arrival on. */
  readonly totalSeconds: number;
  readonly samplesRead: number;
}

/** What a query cost, as `stats` of the API and of the query log. */
export function statisticsOf({ timings, samplesRead, peakSamples, statistics }: RunResult): object {
  const { queueSeconds, prepareSeconds, evaluationSeconds, sortSeconds } = timings;
  const evaluationTotal = prepareSeconds + evaluationSeconds + sortSeconds;
  return {
    timings: {
      queryPreparationTime: prepareSeconds,
      innerEvalTime: evaluationSeconds,
      resultSortTime: sortSeconds,
      evalTotalTime: evaluationTotal,
      execQueueTime: queueSeconds,
      execTotalTime: queueSeconds + evaluationTotal,
    },
    samples:
      statistics === undefined
        ? { samplesRead, peakSamples }
        : { totalQueryableSamples: statistics.considered, samplesRead: statistics.read, peakSamples },
  };
}

/** As {@link statisticsOf}, with the samples of every step. */
export function statisticsPerStepOf(result: RunResult, { startMs, stepMs }: QueryRange): object {
  const { statistics } = result;
  const totals = statisticsOf(result);
  if (statistics === undefined) return totals;
  const perStep = (counts: Float64Array): (readonly [number, number])[] =>
    Array.from(counts, (count, step) => [(startMs + step * stepMs) / 1000, count] as const);
  const samples = {
    totalQueryableSamples: statistics.considered,
    totalQueryableSamplesPerStep: perStep(statistics.consideredPerStep),
    samplesRead: statistics.read,
    samplesReadPerStep: perStep(statistics.readPerStep),
    peakSamples: result.peakSamples,
  };
  return { ...totals, samples };
}
