import type { FastifyInstance } from "@monotreme/http";
import type { Logger } from "@monotreme/telemetry";
import { addPage } from "../page/add-page.ts";
import type { ApiContext } from "./api-context.ts";
import { addApiHeaders, addGuards, type HttpGuardOptions } from "./http-guards.ts";
import { answerErrors } from "./request/answer-errors.ts";
import { takeJsonTexts } from "./request/read-body.ts";
import { swaggerDocument } from "./swagger/swagger-document.ts";
import { addAcknowledgeRoute } from "./v2/acknowledge.ts";
import { addAlertRoutes } from "./v2/alerts.ts";
import { addFailedNotificationRoutes } from "./v2/failed-notifications.ts";
import { addHistoryRoutes } from "./v2/history.ts";
import { addReceiverRoutes } from "./v2/receivers.ts";
import { addSilenceTokenRoute } from "./v2/silence-token.ts";
import { addSilenceRoutes } from "./v2/silences.ts";
import { addStatusRoute } from "./v2/status.ts";
import { answerWrongMethods } from "./wrong-methods.ts";

export interface ApiRoutesOptions extends HttpGuardOptions {
  readonly context: ApiContext;
  readonly logger: Logger;
  /** Under which the listener serves: empty, or `/path`. */
  readonly routePrefix: string;
  /** Reads the configuration again; rejects with what is wrong, and then nothing has changed. */
  readonly reload: () => Promise<void>;
}

const GONE_TEXT = "The API v1 was removed; use /api/v2 instead.";

/** Everything that is served over HTTP beside health and metrics; to be registered under the route prefix. */
export function apiRoutes(options: ApiRoutesOptions): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    addGuards(app, options);
    await app.register(apiV2Routes(options), { prefix: "/api/v2" });
    app.all("/api/v1/*", async (_request, reply) => reply.code(410).send({ status: "deprecated", error: GONE_TEXT }));
    addReloadRoute(app, options.reload);
    addPage(app);
  };
}

function apiV2Routes({ context, logger, routePrefix }: ApiRoutesOptions): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    takeJsonTexts(app);
    answerErrors(app, logger);
    addApiHeaders(app);
    const answerOtherMethods = answerWrongMethods(app);
    addStatusRoute(app, context);
    addAlertRoutes(app, context);
    addAcknowledgeRoute(app, context);
    addSilenceTokenRoute(app, context);
    addHistoryRoutes(app, context);
    addFailedNotificationRoutes(app, context);
    addReceiverRoutes(app, context);
    addSilenceRoutes(app, context);
    const swagger = swaggerDocument(`${routePrefix}/api/v2`);
    app.get("/swagger.json", async () => swagger);
    answerOtherMethods();
  };
}

function addReloadRoute(app: FastifyInstance, reload: () => Promise<void>): void {
  app.post("/-/reload", async (_request, reply) => {
    try {
      await reload();
      return await reply.code(200).send();
    } catch (error) {
      const text = `failed to reload config: ${error instanceof Error ? error.message : String(error)}\n`;
      return reply.code(500).type("text/plain; charset=utf-8").send(text);
    }
  });
}
