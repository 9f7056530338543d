import type { FastifyInstance } from "@monotreme/http";
import type { MetricMetadata } from "@monotreme/model";
import { envelope } from "../response/envelope.ts";
import { sendJson } from "../response/send-json.ts";
import { ParameterError, type RequestParameters } from "./request-parameters.ts";
import { boundedSignal, parametersOf, type RouteContext, tenantOf } from "./route-context.ts";

/** `GET /api/v1/metadata`: type, unit and help by metric. */
export function addMetadataRoute(app: FastifyInstance, context: RouteContext): void {
  app.get("/api/v1/metadata", async (request, reply) => {
    const parameters = parametersOf(request);
    const limit = numberOf(parameters, "limit");
    const limitPerMetric = Math.max(numberOf(parameters, "limit_per_metric") ?? 0, 0);
    const metric = parameters.text("metric");
    const entries =
      limit === 0
        ? new Map<string, readonly MetricMetadata[]>()
        : await context.storage.index(tenantOf(request)).metadata({
            ...(metric === "" ? {} : { metric }),
            limit: Math.max(limit ?? 0, 0),
            limitPerMetric,
            signal: boundedSignal(reply, context),
          });
    return sendJson(request, reply, envelope(metadataJson(entries)), context.meter);
  });
}

/** Undefined where the parameter is absent; negative numbers stand for no limit. */
function numberOf(parameters: RequestParameters, name: string): number | undefined {
  const text = parameters.text(name);
  if (text === "") return undefined;
  if (!/^[+-]?\d{1,15}$/.test(text)) throw new ParameterError(`${name} must be a number`);
  return Number(text);
}

function* metadataJson(entries: ReadonlyMap<string, readonly MetricMetadata[]>): Generator<string> {
  let separator = "{";
  for (const [metric, ofMetric] of entries) {
    const list = ofMetric.map(({ type, help, unit }) => ({ type, help, unit }));
    yield `${separator}${JSON.stringify(metric)}:${JSON.stringify(list)}`;
    separator = ",";
  }
  yield separator === "{" ? "{}" : "}";
}
