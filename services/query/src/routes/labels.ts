import type { FastifyInstance, FastifyReply, FastifyRequest } from "@monotreme/http";
import type { IndexAnswer } from "@monotreme/storage";
import { envelope, jsonArray } from "../response/envelope.ts";
import { sendJson } from "../response/send-json.ts";
import { TRUNCATED_WARNING } from "./answer-query.ts";
import { indexRequestOf } from "./index-request.ts";
import { labelNameFromPath } from "./label-name.ts";
import { boundedSignal, parametersOf, type RouteContext, tenantOf } from "./route-context.ts";

/** `GET|POST /api/v1/labels` and `GET /api/v1/label/<name>/values`. */
export function addLabelRoutes(app: FastifyInstance, context: RouteContext): void {
  app.route({
    method: ["GET", "POST"],
    url: "/api/v1/labels",
    handler: async (request, reply) => {
      const asked = indexRequestOf(parametersOf(request), context.language, boundedSignal(reply, context));
      const answer = await context.storage.index(tenantOf(request)).labelNames(asked);
      return sendTexts(context, request, reply, answer);
    },
  });
  app.get<{ Params: { name: string } }>("/api/v1/label/:name/values", async (request, reply) => {
    const name = labelNameFromPath(request.params.name);
    const asked = indexRequestOf(parametersOf(request), context.language, boundedSignal(reply, context));
    const answer = await context.storage.index(tenantOf(request)).labelValues(name, asked);
    return sendTexts(context, request, reply, answer);
  });
}

async function sendTexts(
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { items, isTruncated }: IndexAnswer<string>,
): Promise<FastifyReply> {
  const warnings = isTruncated ? [TRUNCATED_WARNING] : [];
  const data = jsonArray(items, (text) => JSON.stringify(text));
  return sendJson(request, reply, envelope(data, { warnings }), context.meter);
}
