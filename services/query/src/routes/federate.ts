import { pipeline, Readable } from "node:stream";
import { constants, createGzip } from "node:zlib";
import type { FastifyInstance } from "@monotreme/http";
import type { Matcher } from "@monotreme/model";
import type { SeriesSamples } from "@monotreme/promql";
import { federatedText } from "../federation/federated-text.ts";
import type { RawReads } from "../raw-reads/raw-reads.ts";
import { acceptsGzip } from "../response/send-json.ts";
import { boundedSignal, parametersOf, type RouteContext, tenantOf } from "./route-context.ts";

const CLASSIC_TYPE = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";
const UTF8_TYPE = "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8";

/** `GET /federate?match[]=`: the last value of the series that any selector matches, for another server to scrape. */
export function addFederateRoute(app: FastifyInstance, context: RouteContext, reads: RawReads): void {
  app.get("/federate", async (request, reply) => {
    const matcherSets = parametersOf(request).matcherSets(context.language.parser);
    const signal = boundedSignal(reply, context);
    const leave = await reads.gate.enter(signal);
    let series: readonly SeriesSamples[];
    try {
      series = await readLastSamples(context, tenantOf(request), matcherSets, signal);
    } finally {
      leave();
    }
    const allowsUtf8 = /escaping\s*=\s*"?allow-utf-8/i.test(request.headers.accept ?? "");
    const pieces = federatedText(series, { externalLabels: reads.externalLabels(), allowsUtf8 });
    const body = Readable.from(pieces, { objectMode: false });
    reply.type(allowsUtf8 ? UTF8_TYPE : CLASSIC_TYPE).header("Vary", "Accept-Encoding");
    if (!acceptsGzip(request.headers["accept-encoding"])) return reply.send(body);
    const compressor = createGzip({ level: constants.Z_BEST_SPEED });
    pipeline(body, compressor, () => undefined);
    return reply.header("Content-Encoding", "gzip").send(compressor);
  });
}

/** Each series once, though several selectors may match it. */
async function readLastSamples(
  { storage, limits, now }: RouteContext,
  tenant: string,
  matcherSets: readonly (readonly Matcher[])[],
  signal: AbortSignal,
): Promise<readonly SeriesSamples[]> {
  const source = storage.samples(tenant, { maxSeries: limits.maxSeries });
  const untilMs = now();
  const found = new Map<string, SeriesSamples>();
  let { maxSamples } = limits;
  for (const matchers of matcherSets) {
    const selected = await source.select({
      matchers,
      afterMs: untilMs - limits.lookbackMs,
      untilMs,
      stepMs: 0,
      functionName: "",
      signal,
      maxSamples,
    });
    for (const series of selected) {
      if (!found.has(series.labels.key)) maxSamples -= series.timestamps.length;
      found.set(series.labels.key, series);
    }
  }
  return [...found.values()];
}
