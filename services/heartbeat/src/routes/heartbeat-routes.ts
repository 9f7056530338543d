import type { FastifyInstance } from "@monotreme/http";
import type { Logger } from "@monotreme/telemetry";
import { addBadgeRoutes } from "../badges/badge-routes.ts";
import { createForSlug } from "../checks/create-check.ts";
import { addMetricRoutes } from "../exposition/metric-routes.ts";
import { addManagementRoutes } from "../management/management-routes.ts";
import { PAGE_HTML, PAGE_POLICY } from "../page/page-html.ts";
import type { HeartbeatContext } from "./heartbeat-context.ts";
import { addPingRoutes } from "./ping-routes.ts";

const UNIQUE_KEY = /^[0-9a-f]{40}$/;

/** Everything that heartbeats serve. */
export function heartbeatRoutes(context: HeartbeatContext, logger: Logger): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get("/", (_request, reply) =>
      reply.type("text/html; charset=utf-8").header("Content-Security-Policy", PAGE_POLICY).send(PAGE_HTML),
    );
    // Where Healthchecks' metrics lead by their unique keys: people find the check on the page.
    app.get<{ Params: { readonly key: string } }>("/cloaked/:key", async ({ params: { key } }, reply) =>
      UNIQUE_KEY.test(key) ? reply.redirect(`${context.externalUrl}/#${key}`) : reply.code(404).send("not found"),
    );
    addBadgeRoutes(app, context);
    addMetricRoutes(app, context);
    await app.register(async (management) => addManagementRoutes(management, context, logger));
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
