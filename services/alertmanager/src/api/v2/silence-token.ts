import type { FastifyInstance } from "@monotreme/http";
import type { ApiContext } from "../api-context.ts";

/** `POST /silence-token/{token}`: what the button of a notification calls; our own addition. */
export function addSilenceTokenRoute(app: FastifyInstance, { tokens }: ApiContext): void {
  app.post("/silence-token/:token", async (request, reply) => {
    const { params } = request;
    const token: unknown = typeof params === "object" && params !== null ? Reflect.get(params, "token") : undefined;
    const silenceID = typeof token === "string" ? await tokens.use(token) : undefined;
    if (silenceID !== undefined) return { silenceID };
    return reply.code(404).type("application/json").send(JSON.stringify("this button was used already, or is too old"));
  });
}
