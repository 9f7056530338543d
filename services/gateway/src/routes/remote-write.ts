import { TENANT_HEADER, tenantFromHeader } from "@monotreme/contracts";
import { AppError, ERROR_BEHAVIOUR } from "@monotreme/errors";
import type { FastifyInstance, FastifyReply } from "@monotreme/http";
import type { Logger } from "@monotreme/telemetry";
import { type ByteBudget, OverloadedError } from "../admission/byte-budget.ts";
import type { GatewayMetrics, Outcome } from "../metrics.ts";
import type { WriteReceiver, WriteSummary } from "../write/write-receiver.ts";
import { UnsupportedBodyError, writeVersionOf } from "./content-negotiation.ts";
import { type HeldBody, readBody } from "./read-body.ts";

const PATH = "/api/v1/write";

export interface RemoteWriteRouteOptions {
  readonly receiver: Pick<WriteReceiver, "write">;
  readonly budget: ByteBudget;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

/** `POST /api/v1/write`; register it in a scope of its own, because it takes every content type and answers in text. */
export function addRemoteWriteRoute(app: FastifyInstance, options: RemoteWriteRouteOptions): void {
  const { receiver, budget, metrics } = options;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", async (_request: unknown, payload: Parameters<typeof readBody>[0]) =>
    readBody(payload, budget),
  );
  app.setErrorHandler((thrown, _request, reply) => answerFault(thrown, reply, options));
  app.route<{ Body: HeldBody | undefined }>({
    method: "POST",
    url: PATH,
    // Before the body is read.
    onRequest: async (request) => {
      writeVersionOf(request.headers["content-type"], request.headers["content-encoding"]);
    },
    handler: async (request, reply) => {
      const { bytes, lease } = request.body ?? EMPTY_BODY;
      try {
        metrics.receivedBytes.inc(bytes.length);
        const version = writeVersionOf(request.headers["content-type"], request.headers["content-encoding"]);
        const summary = await receiver.write(tenantFromHeader(request.headers[TENANT_HEADER]), bytes, version);
        reply.headers(writtenHeaders(summary));
        if (summary.faults.length > 0) {
          metrics.requests.inc({ outcome: "partial" });
          return reply
            .code(400)
            .type(TEXT)
            .send(`${summary.faults.join("\n")}\n`);
        }
        metrics.requests.inc({ outcome: "stored" });
        return reply.code(204).send();
      } finally {
        lease.release();
      }
    },
  });
  app.route({
    method: ["GET", "PUT", "PATCH", "DELETE"],
    url: PATH,
    handler: async (_request, reply) => reply.code(405).header("Allow", "POST").type(TEXT).send("Method Not Allowed\n"),
  });
}

const TEXT = "text/plain; charset=utf-8";
const EMPTY_BODY: HeldBody = { bytes: new Uint8Array(0), lease: { grow: () => undefined, release: () => undefined } };

const NOTHING_WRITTEN = { samples: 0, histograms: 0, exemplars: 0 };

function writtenHeaders(written: Omit<WriteSummary, "faults">): Record<string, string> {
  return {
    "X-Prometheus-Remote-Write-Samples-Written": String(written.samples),
    "X-Prometheus-Remote-Write-Histograms-Written": String(written.histograms),
    "X-Prometheus-Remote-Write-Exemplars-Written": String(written.exemplars),
  };
}

function answerFault(thrown: unknown, reply: FastifyReply, { metrics, logger }: RemoteWriteRouteOptions): FastifyReply {
  const outcome = outcomeOf(thrown);
  metrics.requests.inc({ outcome });
  reply.headers(writtenHeaders(NOTHING_WRITTEN)).type(TEXT);
  if (outcome === "unsupported") return reply.code(415).send(`${textOf(thrown)}\n`);
  if (thrown instanceof AppError && thrown.kind !== "internal") {
    if (thrown.kind === "unavailable") reply.header("Retry-After", "1");
    return reply.code(ERROR_BEHAVIOUR[thrown.kind].httpStatus).send(`${thrown.message}\n`);
  }
  logger.error({ err: thrown }, "write request failed");
  return reply.code(500).send("internal error\n");
}

function outcomeOf(thrown: unknown): Outcome {
  if (thrown instanceof UnsupportedBodyError || isUnreadableMediaType(thrown)) return "unsupported";
  if (thrown instanceof OverloadedError) return "overloaded";
  if (!(thrown instanceof AppError)) return "failed";
  if (thrown.kind === "invalid" || thrown.kind === "limit") return "invalid";
  if (thrown.kind === "canceled") return "aborted";
  return thrown.kind === "unavailable" || thrown.kind === "timeout" ? "unavailable" : "failed";
}

/** The framework's own refusal of a content type that has no form at all. */
function isUnreadableMediaType(thrown: unknown): boolean {
  return thrown instanceof Error && "statusCode" in thrown && thrown.statusCode === 415;
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
