import type { FastifyInstance } from "@monotreme/http";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/**
 * Answers 405 with `Allow` where a path exists but not for the method asked with, as upstream does. To be called before
 * the routes are added; the function it gives is to be called after them.
 */
export function answerWrongMethods(app: FastifyInstance): () => void {
  const methodsByUrl = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const known = methodsByUrl.get(url) ?? new Set<string>();
    for (const name of [method].flat()) known.add(name);
    methodsByUrl.set(url, known);
  });
  return () => {
    for (const [url, known] of methodsByUrl) {
      if (url.endsWith("*")) continue;
      // Registering adds to the set at hand, never a path.
      const missing = METHODS.filter((name) => !known.has(name) && !(name === "OPTIONS" && url.startsWith("/api/")));
      const allow = [...known].sort().join(", ");
      app.route({
        method: missing,
        url,
        exposeHeadRoute: false,
        handler: async (_request, reply) =>
          reply.code(405).header("Allow", allow).type("text/plain; charset=utf-8").send("Method Not Allowed\n"),
      });
    }
  };
}
