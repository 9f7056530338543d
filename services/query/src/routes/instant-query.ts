import type { FastifyInstance } from "@monotreme/http";
import { answerQuery } from "./answer-query.ts";
import { clientSignal, parametersOf, type RouteContext, tenantOf } from "./route-context.ts";

/** `GET|POST /api/v1/query`: a query at one instant. */
export function addInstantQueryRoute(app: FastifyInstance, context: RouteContext): void {
  app.route({
    method: ["GET", "POST"],
    url: "/api/v1/query",
    handler: async (request, reply) => {
      const parameters = parametersOf(request);
      const source = context.storage.samples(tenantOf(request));
      const limit = parameters.limit();
      const startMs = parameters.timeMs("time", context.now());
      const query = {
        kind: "instant",
        source,
        range: { startMs, endMs: startMs, stepMs: 0 },
        timeoutMs: parameters.optionalDurationMs("timeout"),
        lookbackMs: parameters.lookbackMs(),
        text: parameters.text("query"),
        expression: parameters.expression(context.language.parser),
        signal: clientSignal(reply),
      } as const;
      return answerQuery(context, request, reply, { query, limit, stats: parameters.text("stats") !== "" });
    },
  });
}
