import type { FastifyReply, FastifyRequest } from "@monotreme/http";
import { QueryInvalidError } from "@monotreme/promql";
import { statisticsOf } from "../execution/finished-query.ts";
import type { QueryRequest, RunResult } from "../execution/query-runner.ts";
import { type JsonPiece, type JsonPieces, envelope, joinPieces } from "../response/envelope.ts";
import { sendJson } from "../response/send-json.ts";
import { ParameterError } from "./request-parameters.ts";
import type { RouteContext } from "./route-context.ts";

export const TRUNCATED_WARNING = "results truncated due to limit";

export interface AskedQuery {
  readonly query: QueryRequest;
  /** Whether the answer says what the query cost. */
  readonly stats: boolean;
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
    result = await context.runner.run(query);
  } catch (error) {
    throw error instanceof QueryInvalidError ? ParameterError.of("query", error.message, error) : error;
  }
  reply.header("X-Monotreme-Cache", result.cache ?? "bypass");
  const warnings = result.isTruncated ? [...result.warnings, TRUNCATED_WARNING] : result.warnings;
  return sendJson(
    request,
    reply,
    envelope(dataJson(result, stats ? statisticsOf(result) : undefined), { warnings, infos: result.infos }),
    context.meter,
  );
}

function dataJson({ valueType, result }: RunResult, stats: object | undefined): JsonPieces {
  const opening: JsonPiece = `{"resultType":"${valueType}","result":`;
  return joinPieces([opening], result, [stats === undefined ? "}" : `,"stats":${JSON.stringify(stats)}}`]);
}
