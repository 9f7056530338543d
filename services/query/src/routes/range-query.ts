import type { FastifyInstance, FastifyRequest } from "@monotreme/http";
import type { QueryRange } from "@monotreme/promql";
import { MAX_POINTS_PER_SERIES } from "../execution/query-limits.ts";
import { answerQuery, statisticsWanted } from "./answer-query.ts";
import { ParameterError, type RequestParameters } from "./request-parameters.ts";
import { clientSignal, originOf, parametersOf, type RouteContext, tenantOf } from "./route-context.ts";

/** `GET|POST /api/v1/query_range`: a query at every step between two instants, both included. */
export function addRangeQueryRoute(app: FastifyInstance, context: RouteContext): void {
  app.route({
    method: ["GET", "POST"],
    url: "/api/v1/query_range",
    handler: async (request, reply) => {
      const parameters = parametersOf(request);
      const tenant = tenantOf(request);
      const limit = parameters.limit();
      const stats = statisticsWanted(parameters.text("stats"), context.language);
      const query = {
        kind: "range",
        tenant,
        source: context.smallSource(tenant),
        range: rangeOf(parameters),
        timeoutMs: parameters.optionalDurationMs("timeout"),
        lookbackMs: parameters.lookbackMs(),
        maxSourceResolution: parameters.maxSourceResolution(context.limits.autoDownsampling ? "auto" : 0),
        text: parameters.text("query"),
        expression: parameters.expression(context.language.parser),
        limit,
        signal: clientSignal(reply),
        origin: originOf(request),
        // A kept result does not tell what its steps cost.
        mayUseCache: stats !== "steps" && mayUseCache(request, parameters),
      } as const;
      return answerQuery(context, request, reply, { query, stats });
    },
  });
}

/** Grafana's and VictoriaMetrics' `nocache=1`, and HTTP's own word for it. */
function mayUseCache({ headers }: FastifyRequest, parameters: RequestParameters): boolean {
  if (/\bno-store\b/i.test(headers["cache-control"] ?? "")) return false;
  return !["1", "true"].includes(parameters.text("nocache"));
}

function rangeOf(parameters: RequestParameters): QueryRange {
  const startMs = parameters.timeMs("start");
  const endMs = parameters.timeMs("end");
  if (endMs < startMs) throw ParameterError.of("end", "end timestamp must not be before start time");
  // Steps are whole milliseconds.
  const stepMs = Math.trunc(parameters.durationMs("step"));
  if (stepMs <= 0) {
    const advice = "zero or negative query resolution step widths are not accepted. Try a positive integer";
    throw ParameterError.of("step", advice);
  }
  if ((endMs - startMs) / stepMs > MAX_POINTS_PER_SERIES) {
    throw new ParameterError(
      "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
    );
  }
  return { startMs, endMs, stepMs };
}
