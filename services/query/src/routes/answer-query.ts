import type { FastifyReply, FastifyRequest } from "@monotreme/http";
import { QueryInvalidError, type QueryValue } from "@monotreme/promql";
import type { QueryRequest, RunResult } from "../execution/query-runner.ts";
import { envelope } from "../response/envelope.ts";
import { sendJson } from "../response/send-json.ts";
import { queryDataJson } from "../response/value-json.ts";
import { ParameterError } from "./request-parameters.ts";
import type { RouteContext } from "./route-context.ts";

export const TRUNCATED_WARNING = "results truncated due to limit";

export interface AskedQuery {
  readonly query: QueryRequest;
  /** Series in the answer at most; 0 = all. */
  readonly limit: number;
  /** Whether the answer says what the query cost. */
  readonly stats: boolean;
}

/** Runs a query and answers its value with warnings and infos. */
export async function answerQuery(
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { query, limit, stats }: AskedQuery,
): Promise<FastifyReply> {
  let result: RunResult;
  try {
    result = await context.runner.run(query);
  } catch (error) {
    throw error instanceof QueryInvalidError ? ParameterError.of("query", error.message, error) : error;
  }
  const { value, isTruncated } = truncate(result.value, limit);
  const warnings = isTruncated ? [...result.warnings, TRUNCATED_WARNING] : result.warnings;
  const data = queryDataJson(value, stats ? statsOf(result) : undefined);
  return sendJson(request, reply, envelope(data, { warnings, infos: result.infos }), context.meter);
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

function statsOf({ timings, samplesRead, peakSamples }: RunResult): object {
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
