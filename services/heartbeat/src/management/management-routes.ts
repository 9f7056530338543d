import { AppError, ERROR_BEHAVIOUR } from "@monotreme/errors";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "@monotreme/http";
import type { Logger } from "@monotreme/telemetry";
import type { HeartbeatContext } from "../routes/heartbeat-context.ts";
import { ApiFault } from "./api-fault.ts";
import type { Handler } from "./api-request.ts";
import {
  changeCheck,
  createCheck,
  deleteCheck,
  getCheck,
  listChecks,
  pauseCheck,
  resumeCheck,
} from "./check-handlers.ts";
import { getBody, listFlips, listPings } from "./history-handlers.ts";
import { jsonBodyOf } from "./json-body.ts";
import { getStatus, listBadges, listChannels } from "./project-handlers.ts";

type Method = "GET" | "POST" | "DELETE";

const ROUTES: readonly { readonly path: string; readonly handlers: Readonly<Partial<Record<Method, Handler>>> }[] = [
  { path: "/checks", handlers: { GET: listChecks, POST: createCheck } },
  { path: "/checks/:check", handlers: { GET: getCheck, POST: changeCheck, DELETE: deleteCheck } },
  { path: "/checks/:check/pause", handlers: { POST: pauseCheck } },
  { path: "/checks/:check/resume", handlers: { POST: resumeCheck } },
  { path: "/checks/:check/pings", handlers: { GET: listPings } },
  { path: "/checks/:check/pings/:ping/body", handlers: { GET: getBody } },
  { path: "/checks/:check/flips", handlers: { GET: listFlips } },
  { path: "/channels", handlers: { GET: listChannels } },
  { path: "/badges", handlers: { GET: listBadges } },
  { path: "/status", handlers: { GET: getStatus } },
];
const VERSIONS = [1, 2, 3];
const ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

interface Addressed {
  Params: { readonly check?: string; readonly ping?: string };
  Querystring: Readonly<Record<string, string | string[] | undefined>>;
}

/** The management API, in all three of its versions, which differ little. */
export function addManagementRoutes(app: FastifyInstance, context: HeartbeatContext, logger: Logger): void {
  // What a body is called does not matter, it is JSON or nothing.
  app.addHook("onRequest", (request, _reply, done) => {
    delete request.headers["content-type"];
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.setErrorHandler((thrown, _request, reply) => sendFault(thrown, reply, logger));
  for (const version of VERSIONS) {
    for (const { path, handlers } of ROUTES) addRoute(app, context, { version, path, handlers });
  }
}

interface Route {
  readonly version: number;
  readonly path: string;
  readonly handlers: Readonly<Partial<Record<Method, Handler>>>;
}

function addRoute(app: FastifyInstance, context: HeartbeatContext, { version, path, handlers }: Route): void {
  const allowed = Object.keys(handlers).join(", ");
  app.route<Addressed>({
    method: [...ALL_METHODS],
    url: `/api/v${version}${path}`,
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      allowOrigins(reply, allowed);
      if (request.method === "OPTIONS") return reply.code(204).send();
      const handler = handlerFor(handlers, request);
      if (handler === undefined) return reply.code(405).header("Allow", allowed).send();
      const answer = await handler({
        context,
        request,
        body: jsonBodyOf(request.body),
        query: request.query,
        version,
        checkName: request.params.check ?? "",
        pingNumber: request.params.ping ?? "",
      });
      reply.code(answer.status ?? 200);
      if ("json" in answer) return reply.send(answer.json);
      return reply.type(answer.contentType).header("X-Content-Type-Options", "nosniff").send(answer.bytes);
    },
  });
}

/** HEAD is GET without the content. */
function handlerFor(handlers: Route["handlers"], { method }: Pick<FastifyRequest, "method">): Handler | undefined {
  if (method === "GET" || method === "HEAD") return handlers.GET;
  if (method === "POST") return handlers.POST;
  return method === "DELETE" ? handlers.DELETE : undefined;
}

function allowOrigins(reply: FastifyReply, methods: string): void {
  reply.headers({
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "X-Api-Key",
    "Access-Control-Allow-Methods": methods,
    "Access-Control-Max-Age": "600",
  });
}

function sendFault(thrown: unknown, reply: FastifyReply, logger: Logger): FastifyReply {
  if (thrown instanceof ApiFault) {
    reply.code(thrown.status);
    return thrown.message === "" ? reply.send() : reply.send({ error: thrown.message });
  }
  if (thrown instanceof AppError && thrown.kind !== "internal") {
    return reply.code(ERROR_BEHAVIOUR[thrown.kind].httpStatus).send({ error: thrown.message });
  }
  const status = thrown instanceof Error && "statusCode" in thrown ? thrown.statusCode : undefined;
  // Bodies that are too large or broken off.
  if (typeof status === "number" && status >= 400 && status < 500) {
    return reply.code(status).send({ error: "could not read request body" });
  }
  logger.error({ err: thrown }, "request failed");
  return reply.code(500).send({ error: "internal error" });
}
