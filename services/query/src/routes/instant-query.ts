import type { FastifyInstance } from "@monotreme/http";
import { answerQuery, statisticsWanted } from "./answer-query.ts";
import { clientSignal, originOf, parametersOf, type RouteContext, tenantOf } from "./route-context.ts";

/** `GET|POST /api/v1/query`: a query at one instant. */
export function addInstantQueryRoute(app: FastifyInstance, context: RouteContext): void {
  app.route({
    method: ["GET", "POST"],
    url: "/api/v1/query",
    handler: async (request, reply) => {
      const parameters = parametersOf(request);
      const tenant = tenantOf(request);
      const limit = parameters.limit();
      const stats = statisticsWanted(parameters.text("stats"), context.language);
      const startMs = parameters.timeMs("time", context.now());
      const query = {
        kind: "instant",
        tenant,
        source: context.smallSource(tenant),
        range: { startMs, endMs: startMs, stepMs: 0 },
        timeoutMs: parameters.optionalDurationMs("timeout"),
        lookbackMs: parameters.lookbackMs(),
        maxSourceResolution: parameters.maxSourceResolution(context.limits.autoDownsampling ? "auto" : 0),
        text: parameters.text("query"),
        expression: parameters.expression(context.language.parser),
        limit,
        signal: clientSignal(reply),
        origin: originOf(request),
        mayUseCache: false,
      } as const;
      return answerQuery(context, request, reply, { query, stats });
    },
  });
}
