import type { FastifyReply, FastifyRequest } from "@monotreme/http";
import { formatDurationMs } from "@monotreme/model";
import { QueryInvalidError } from "@monotreme/promql";
import { statisticsOf, statisticsPerStepOf } from "../execution/finished-query.ts";
import type { LanguageOptions } from "../execution/query-limits.ts";
import type { QueryRequest, RunResult } from "../execution/query-runner.ts";
import { type JsonPiece, type JsonPieces, envelope, joinPieces } from "../response/envelope.ts";
import { sendJson } from "../response/send-json.ts";
import { ParameterError } from "./request-parameters.ts";
import type { RouteContext } from "./route-context.ts";

export const TRUNCATED_WARNING = "results truncated due to limit";

export interface AskedQuery {
  readonly query: QueryRequest;
  /** Whether the answer says what the query cost, and also step by step. */
  readonly stats: StatisticsWanted;
}

export type StatisticsWanted = "none" | "totals" | "steps";

/** `stats`: any text asks for the totals, `all` for those of every step where upstream's feature for that is on. */
export function statisticsWanted(stats: string, language: LanguageOptions): StatisticsWanted {
  if (stats === "") return "none";
  return stats === "all" && language.perStepStatistics ? "steps" : "totals";
}

/** Runs a query and answers its value with warnings and infos. */
export async function answerQuery(
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { query, stats }: AskedQuery,
): Promise<FastifyReply> {
  let result: RunResult;
  try {
    result = await context.runner.run({ ...query, countsSamples: stats !== "none" });
  } catch (error) {
    throw error instanceof QueryInvalidError ? ParameterError.of("query", error.message, error) : error;
  }
  reply.header("X-Monotreme-Cache", result.cache ?? "bypass");
  reply.header("X-Monotreme-Resolution", resolutionText(result.resolutionMs ?? 0));
  const warnings = result.isTruncated ? [...result.warnings, TRUNCATED_WARNING] : result.warnings;
  return sendJson(
    request,
    reply,
    envelope(dataJson(result, statistics(result, query, stats)), { warnings, infos: result.infos }),
    context.meter,
  );
}

/** How Thanos and people write it: `raw`, `5m`, `1h`. */
function resolutionText(resolutionMs: number): string {
  return resolutionMs === 0 ? "raw" : formatDurationMs(resolutionMs);
}

function statistics(result: RunResult, { range }: QueryRequest, stats: StatisticsWanted): object | undefined {
  if (stats === "none") return undefined;
  return stats === "steps" ? statisticsPerStepOf(result, range) : statisticsOf(result);
}

function dataJson({ valueType, result }: RunResult, stats: object | undefined): JsonPieces {
  const opening: JsonPiece = `{"resultType":"${valueType}","result":`;
  return joinPieces([opening], result, [stats === undefined ? "}" : `,"stats":${JSON.stringify(stats)}}`]);
}
