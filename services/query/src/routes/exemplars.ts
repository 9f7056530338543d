import type { FastifyInstance } from "@monotreme/http";
import { formatFloat, type Matcher } from "@monotreme/model";
import { childrenOf, type Expression } from "@monotreme/promql";
import type { Exemplar, SeriesExemplars } from "@monotreme/storage";
import type { StorageAdministration } from "../administration/storage-administration.ts";
import { envelope, jsonArray } from "../response/envelope.ts";
import { labelsJson } from "../response/labels-json.ts";
import { sendJson } from "../response/send-json.ts";
import { timestampText } from "../response/timestamp-text.ts";
import { ParameterError } from "./request-parameters.ts";
import { boundedSignal, parametersOf, type RouteContext, tenantOf } from "./route-context.ts";

/** `GET|POST /api/v1/query_exemplars`: the exemplars of every series that a selector of the query names. */
export function addExemplarsRoute(
  app: FastifyInstance,
  context: RouteContext,
  administration: StorageAdministration,
): void {
  app.route({
    method: ["GET", "POST"],
    url: "/api/v1/query_exemplars",
    handler: async (request, reply) => {
      const parameters = parametersOf(request);
      const fromMs = parameters.timeMs("start", -Infinity);
      const untilMs = parameters.timeMs("end", Infinity);
      if (untilMs < fromMs) throw ParameterError.of("end", "end timestamp must not be before start time");
      const matcherSets = selectorsOf(parameters.expression(context.language.parser));
      if (matcherSets.length === 0) return reply.code(204).send();
      const signal = boundedSignal(reply, context);
      const source = administration.exemplars(tenantOf(request));
      const series = await source.exemplars({ matcherSets, fromMs, untilMs, signal });
      return sendJson(request, reply, envelope(jsonArray(series, seriesJson)), context.meter);
    },
  });
}

function selectorsOf(expression: Expression): readonly (readonly Matcher[])[] {
  const found: (readonly Matcher[])[] = [];
  for (let level: readonly Expression[] = [expression]; level.length > 0; level = level.flatMap(childrenOf)) {
    for (const node of level) if (node.kind === "vector-selector") found.push(node.matchers);
  }
  return found;
}

function seriesJson({ labels, exemplars }: SeriesExemplars): string {
  return `{"seriesLabels":${labelsJson(labels)},"exemplars":[${exemplars.map(exemplarJson).join(",")}]}`;
}

function exemplarJson({ labels, value, timestampMs }: Exemplar): string {
  return `{"labels":${labelsJson(labels)},"value":"${formatFloat(value)}","timestamp":${timestampText(timestampMs)}}`;
}
