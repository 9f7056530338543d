import type { FastifyInstance } from "@monotreme/http";
import { sendSchemaError } from "./request/answer-errors.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

/**
 * Answers 405 in upstream's form where a path of the API exists but not for the method. To be called before the routes
 * are added; the function that it gives is to be called after them.
 */
export function answerWrongMethods(app: FastifyInstance): () => void {
  const methodsByUrl = new Map<string, Set<string>>();
  const { prefix } = app;
  app.addHook("onRoute", ({ url, method }) => {
    const path = url.slice(prefix.length);
    const known = methodsByUrl.get(path) ?? new Set<string>();
    for (const name of [method].flat()) known.add(name);
    methodsByUrl.set(path, known);
  });
  return () => {
    for (const [url, known] of methodsByUrl) {
      if (url.endsWith("*")) continue;
      const missing = METHODS.filter((name) => !known.has(name));
      const allowed = [...known].filter((name) => name !== "HEAD" && name !== "OPTIONS").sort();
      app.route({
        method: missing,
        url,
        exposeHeadRoute: false,
        handler: async (request, reply) => {
          reply.header("Allow", allowed.join(","));
          const message = `method ${request.method} is not allowed, but [${allowed.join(",")}] are`;
          return sendSchemaError(reply, 405, 405, message);
        },
      });
    }
  };
}
