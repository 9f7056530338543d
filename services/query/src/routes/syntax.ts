import { type FastifyInstance, successEnvelope } from "@monotreme/http";
import { formatExpression } from "@monotreme/promql";
import { expressionJson } from "../syntax/expression-json.ts";
import { parametersOf, type RouteContext } from "./route-context.ts";

/** `GET|POST /api/v1/format_query` and `/api/v1/parse_query`: a query laid out for people, and its syntax tree. */
export function addSyntaxRoutes(app: FastifyInstance, { language }: RouteContext): void {
  app.route({
    method: ["GET", "POST"],
    url: "/api/v1/format_query",
    handler: async (request) => successEnvelope(formatExpression(parametersOf(request).expression(language.parser))),
  });
  app.route({
    method: ["GET", "POST"],
    url: "/api/v1/parse_query",
    handler: async (request) => successEnvelope(expressionJson(parametersOf(request).expression(language.parser))),
  });
}
