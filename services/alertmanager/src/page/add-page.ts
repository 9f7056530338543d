import type { FastifyInstance } from "@monotreme/http";
import { PAGE_HTML, PAGE_POLICY } from "./page-html.ts";

/** `GET /`: the page for people. */
export function addPage(app: FastifyInstance): void {
  app.get("/", async (_request, reply) =>
    reply
      .headers({
        "Cache-Control": "no-cache",
        "Content-Security-Policy": PAGE_POLICY,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
      })
      .type("text/html; charset=utf-8")
      .send(PAGE_HTML),
  );
}
