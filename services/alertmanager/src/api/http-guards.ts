import type { FastifyInstance, FastifyReply, FastifyRequest } from "@monotreme/http";
import type { HttpMetrics } from "./http-metrics.ts";

export interface HttpGuardOptions {
  readonly metrics: HttpMetrics;
  /** GET requests that are answered at one time; more are refused (503). */
  readonly maxConcurrentGets: number;
  /** A GET request that takes longer is refused (503); 0: none. */
  readonly timeoutMs: number;
}

/** Pages of any origin may use the API, as upstream allows it; nothing of it is to be cached. */
const API_HEADERS = { "Cache-Control": "no-store", "Access-Control-Allow-Origin": "*" } as const;

const PREFLIGHT_HEADERS = {
  "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, Origin",
  "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
  "Access-Control-Expose-Headers": "Date",
  "Access-Control-Max-Age": "600",
} as const;

/** Headers of every answer of the API, and answers to preflight requests. */
export function addApiHeaders(app: FastifyInstance): void {
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers(API_HEADERS);
  });
  app.options("/*", async (_request, reply) => reply.headers(PREFLIGHT_HEADERS).code(204).send());
}

/** Counts requests under upstream's names, and bounds how many GETs run and for how long. */
export function addGuards(app: FastifyInstance, { metrics, maxConcurrentGets, timeoutMs }: HttpGuardOptions): void {
  let running = 0;
  const counted = new WeakSet<FastifyRequest>();
  app.addHook("onRequest", async (request, reply) => {
    if (request.method !== "GET") return undefined;
    if (running >= maxConcurrentGets) {
      metrics.limitExceeded.inc({ method: "get" });
      const text = `Limit of concurrent GET requests reached (${maxConcurrentGets}), try again later.\n`;
      return refuse(reply, text);
    }
    running++;
    counted.add(request);
    metrics.inFlight.set({ method: "get" }, running);
    if (timeoutMs > 0) endLate(reply, timeoutMs);
    return undefined;
  });
  app.addHook("onResponse", async (request, reply) => {
    if (counted.delete(request)) metrics.inFlight.set({ method: "get" }, --running);
    observe(metrics, request, reply);
  });
}

function endLate(reply: FastifyReply, timeoutMs: number): void {
  const timer = setTimeout(() => {
    if (!reply.sent) void refuse(reply, `Exceeded configured timeout of ${timeoutMs}ms.\n`);
  }, timeoutMs);
  reply.raw.once("close", () => clearTimeout(timer));
}

function refuse(reply: FastifyReply, text: string): FastifyReply {
  return reply.code(503).type("text/plain; charset=utf-8").send(text);
}

function observe(metrics: HttpMetrics, request: FastifyRequest, reply: FastifyReply): void {
  const handler = request.routeOptions.url ?? "none";
  const method = request.method.toLowerCase();
  metrics.seconds.observe({ handler, method, code: String(reply.statusCode) }, reply.elapsedTime / 1000);
  const bytes = Number(reply.getHeader("content-length") ?? 0);
  metrics.responseBytes.observe({ handler, method }, Number.isFinite(bytes) ? bytes : 0);
}
