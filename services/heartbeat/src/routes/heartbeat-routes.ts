import type { FastifyInstance } from "@monotreme/http";
import { createForSlug } from "../checks/create-check.ts";
import type { HeartbeatContext } from "./heartbeat-context.ts";
import { addPingRoutes } from "./ping-routes.ts";

/** Everything that heartbeats serve. */
export function heartbeatRoutes(context: HeartbeatContext): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    await app.register(async (pings) => {
      // Pings read their bodies themselves, whatever they are called.
      pings.addHook("onRequest", (request, _reply, done) => {
        delete request.headers["content-type"];
        done();
      });
      pings.removeAllContentTypeParsers();
      pings.addContentTypeParser("*", (_request, _payload, done) => done(null));
      addPingRoutes(pings, { ...context, createCheck: async (project, slug) => createForSlug(project, slug, context) });
    });
  };
}
