import { AppError, ERROR_BEHAVIOUR } from "@monotreme/errors";
import { Counter, Histogram, type Telemetry } from "@monotreme/telemetry";
import { type FastifyInstance, type FastifyReply, fastify } from "fastify";

export type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

export interface AppOptions {
  readonly telemetry: Telemetry;
  /** Bodies above this are refused (400). */
  readonly bodyLimitBytes: number;
}

/**
 * A Fastify application with our manners: faults become Prometheus' error envelope, requests are counted by route and
 * code, and no stack trace leaves the process. It does not listen; mount it on an `HttpListener`.
 */
export function createApp(options: AppOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: options.bodyLimitBytes,
    logger: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1024 },
  });
  countRequests(app, options.telemetry);
  readRefusedBodies(app);
  app.setErrorHandler((thrown, _request, reply) => {
    const error = thrown instanceof AppError ? thrown : translateFrameworkError(thrown);
    if (error.kind === "internal") options.telemetry.logger.error({ err: error.cause ?? error }, "request failed");
    return sendError(reply, error);
  });
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).type("text/plain; charset=utf-8");
    return `404 page not found: ${request.method} ${request.url.split("?", 1)[0]}\n`;
  });
  return app;
}

/** Answers with Prometheus' error envelope; `Retry-After` where trying again helps. */
export function sendError(reply: FastifyReply, error: AppError): FastifyReply {
  const { httpStatus, errorType } = ERROR_BEHAVIOUR[error.kind];
  if (error.kind === "unavailable") reply.header("Retry-After", "1");
  return reply.code(httpStatus).send({ status: "error", errorType, error: error.message });
}

/** Prometheus' success envelope. */
export function successEnvelope(
  data: unknown,
  warnings: readonly string[] = [],
  infos: readonly string[] = [],
): object {
  return {
    status: "success",
    data,
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(infos.length > 0 ? { infos } : {}),
  };
}

/** Refused bodies up to this size are read to their end, and thrown away. */
const MAX_DISCARDED_BYTES = 64 * 2 ** 20;

/**
 * Whoever is in the middle of sending when the connection closes finds it broken and never sees the answer that says
 * why. So the rest of a body that is too large is read, within bounds, and the connection stays.
 */
function readRefusedBodies(app: FastifyInstance): void {
  app.addHook("onSend", (request, reply, payload, done) => {
    const isBounded = Number(request.headers["content-length"]) <= MAX_DISCARDED_BYTES;
    if (reply.statusCode >= 400 && isBounded && !request.raw.complete) {
      reply.removeHeader("connection");
      request.raw.resume();
    }
    done(null, payload);
  });
}

function countRequests(app: FastifyInstance, { registry }: Telemetry): void {
  // Upstream's names, because its dashboards read them; shared by all applications of a process.
  const requests =
    (registry.getSingleMetric("prometheus_http_requests_total") as Counter | undefined) ??
    new Counter({
      name: "prometheus_http_requests_total",
      help: "HTTP requests by route and status code.",
      labelNames: ["handler", "code"],
      registers: [registry],
    });
  const durations =
    (registry.getSingleMetric("prometheus_http_request_duration_seconds") as Histogram | undefined) ??
    new Histogram({
      name: "prometheus_http_request_duration_seconds",
      help: "Time to answer an HTTP request by route.",
      labelNames: ["handler"],
      buckets: [0.1, 0.2, 0.4, 1, 3, 8, 20, 60, 120],
      registers: [registry],
    });
  app.addHook("onResponse", (request, reply, done) => {
    const handler = request.routeOptions.url ?? "none";
    requests.inc({ handler, code: String(reply.statusCode) });
    durations.observe({ handler }, reply.elapsedTime / 1000);
    done();
  });
}

function translateFrameworkError(thrown: unknown): AppError {
  const status =
    typeof thrown === "object" && thrown !== null && "statusCode" in thrown ? thrown.statusCode : undefined;
  if (thrown instanceof Error && typeof status === "number" && status >= 400 && status < 500) {
    return new AppError("HTTP_BAD_REQUEST", "invalid", thrown.message, { cause: thrown });
  }
  return new AppError("HTTP_INTERNAL", "internal", "internal error", { cause: thrown });
}
