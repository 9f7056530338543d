import type { FastifyInstance } from "@monotreme/http";
import { envelope, jsonArray } from "../response/envelope.ts";
import { sendJson } from "../response/send-json.ts";
import { labelsJson } from "../response/labels-json.ts";
import { TRUNCATED_WARNING } from "./answer-query.ts";
import { indexRequestOf } from "./index-request.ts";
import { ParameterError } from "./request-parameters.ts";
import { boundedSignal, parametersOf, type RouteContext, tenantOf } from "./route-context.ts";

/** `GET|POST /api/v1/series`: the label sets that at least one selector matches. */
export function addSeriesRoute(app: FastifyInstance, context: RouteContext): void {
  app.route({
    method: ["GET", "POST"],
    url: "/api/v1/series",
    handler: async (request, reply) => {
      const parameters = parametersOf(request);
      const asked = indexRequestOf(parameters, context.language, boundedSignal(reply, context));
      if (asked.matcherSets.length === 0) throw new ParameterError("no match[] parameter provided");
      const { items, isTruncated } = await context.storage.index(tenantOf(request)).series(asked);
      const warnings = isTruncated ? [TRUNCATED_WARNING] : [];
      return sendJson(request, reply, envelope(jsonArray(items, labelsJson), { warnings }), context.meter);
    },
  });
}
