import type { FastifyInstance } from "@monotreme/http";
import { compileAnchored } from "@monotreme/model";

const CORS_HEADERS = {
  "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, Origin",
  "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
  "Access-Control-Expose-Headers": "Date",
  Vary: "Origin",
} as const;

/** Lets pages of the origins that the pattern matches read the API; answers preflight requests. */
export function addCors(app: FastifyInstance, originPattern: string): void {
  const pattern = compileAnchored(originPattern);
  const allowsAll = originPattern === ".*";
  app.addHook("onRequest", async (request, reply) => {
    const { origin } = request.headers;
    if (origin === undefined || !request.url.startsWith("/api/")) return;
    reply.headers(CORS_HEADERS);
    if (allowsAll) reply.header("Access-Control-Allow-Origin", "*");
    else if (pattern.matches(origin)) reply.header("Access-Control-Allow-Origin", origin);
  });
  app.options("/api/v1/*", async (_request, reply) => reply.code(204).send());
}
