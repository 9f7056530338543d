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
export function statisticsOf({ timings, samplesRead, peakSamples }: RunResult): object {
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
    samples: { samplesRead, peakSamples },
  };
}
