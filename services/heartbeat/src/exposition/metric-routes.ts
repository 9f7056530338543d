import type { FastifyInstance, FastifyReply, FastifyRequest } from "@monotreme/http";
import type { HeartbeatContext } from "../routes/heartbeat-context.ts";
import { renderCheckMetrics } from "./check-metrics.ts";

interface KeyInAddress {
  Params: { readonly key: string };
}

const KEY_LENGTH = 32;

/** The metrics of a project's checks, where Healthchecks has them; the key alone says which project. */
export function addMetricRoutes(app: FastifyInstance, context: HeartbeatContext): void {
  app.get<KeyInAddress>("/projects/:project/metrics/:key", (request, reply) =>
    sendMetrics(context, reply, request.params.key),
  );
  app.get<KeyInAddress>("/checks/metrics/:key", (request, reply) => sendMetrics(context, reply, request.params.key));
  app.get("/projects/:project/metrics", (request, reply) => {
    const key = bearerOf(request);
    return key === undefined ? reply.code(401).send() : sendMetrics(context, reply, key);
  });
}

function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
}

function sendMetrics({ projects, store, now }: HeartbeatContext, reply: FastifyReply, key: string): FastifyReply {
  const access = projects.withApiKey(key);
  if (access === undefined) return reply.code(key.length === KEY_LENGTH ? 403 : 400).send();
  const checks = store.ofProject(access.project.id);
  return reply.type("text/plain; charset=utf-8").send(renderCheckMetrics(checks, now()));
}
