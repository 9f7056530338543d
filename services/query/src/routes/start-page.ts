import type { FastifyInstance } from "@monotreme/http";
import type { ServerInfo } from "../server-info.ts";
import { START_PAGE_POLICY, startPageHtml } from "../start-page/start-page-html.ts";

/** `/`: one page without any asset of its own; the addresses of upstream's pages lead to it. */
export function addStartPage(app: FastifyInstance, info: ServerInfo): void {
  const html = startPageHtml(info);
  app.get("/", async (_request, reply) =>
    reply
      .headers({
        "Content-Security-Policy": START_PAGE_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
      })
      .type("text/html; charset=utf-8")
      .send(html),
  );
  for (const path of ["/graph", "/query"]) app.get(path, async (_request, reply) => reply.redirect("/"));
}
