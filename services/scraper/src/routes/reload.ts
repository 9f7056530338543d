import { AppError, messageOf } from "@monotreme/errors";
import type { FastifyInstance } from "@monotreme/http";

/** `POST /-/reload`, as upstream has it: refused unless the lifecycle API is enabled, 500 for a faulty file. */
export function reloadRoutes(isEnabled: boolean, reload: () => Promise<void>): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    for (const method of ["POST", "PUT"] as const) {
      app.route({
        method,
        url: "/-/reload",
        handler: async (_request, reply) => {
          reply.type("text/plain; charset=utf-8");
          if (!isEnabled) return reply.code(403).send("Lifecycle API is not enabled.\n");
          try {
            await reload();
            return "";
          } catch (error) {
            if (!(error instanceof AppError)) throw error;
            return reply.code(500).send(`failed to reload config: ${messageOf(error)}\n`);
          }
        },
      });
    }
  };
}
