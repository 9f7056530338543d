import { AppError, type ErrorKind } from "@monotreme/errors";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import { createApp } from "./create-app.ts";

function appThatThrows(error: unknown, registry = new Registry()) {
  const app = createApp({ telemetry: { logger: createSilentLogger(), registry }, bodyLimitBytes: 10 });
  app.get("/fail", async () => Promise.reject(error));
  app.post("/body", async () => "read");
  return app;
}

describe("app", () => {
  test("answers each kind of fault as Prometheus does", async () => {
    const f = async (kind: ErrorKind, status: number, errorType: string): Promise<void> => {
      const response = await appThatThrows(new AppError("X_Y", kind, "told")).inject("/fail");
      expect([response.statusCode, response.json()]).toEqual([status, { status: "error", errorType, error: "told" }]);
      expect(response.headers["retry-after"]).toBe(kind === "unavailable" ? "1" : undefined);
    };
    await f("invalid", 400, "bad_data");
    await f("limit", 422, "execution");
    await f("timeout", 503, "timeout");
    await f("unavailable", 503, "unavailable");
    await f("not-found", 404, "not_found");
    await f("internal", 500, "internal");
  });

  test("tells nothing of a fault that it does not know", async () => {
    const response = await appThatThrows(new Error("secret at /etc/path")).inject("/fail");
    expect([response.statusCode, response.json().error]).toEqual([500, "internal error"]);
    expect(response.body).not.toContain("secret");
  });

  test("refuses bodies above the limit and unknown paths", async () => {
    const app = appThatThrows(undefined);
    const send = async (length: number) =>
      app.inject({
        method: "POST",
        url: "/body",
        payload: "x".repeat(11),
        headers: { "content-type": "text/plain", "content-length": String(length) },
      });
    const refused = await send(11);
    // Whoever is still sending reads why, as the connection stays; endless bodies are cut off.
    expect([refused.statusCode, refused.headers.connection]).toEqual([400, undefined]);
    expect((await send(2 ** 40)).headers.connection).toBe("close");
    expect((await app.inject("/nothing?x=1")).body).toBe("404 page not found: GET /nothing\n");
  });

  test("counts requests by route and code", async () => {
    const registry = new Registry();
    await appThatThrows(new AppError("X_Y", "invalid", "told"), registry).inject("/fail");
    expect(await registry.metrics()).toContain('prometheus_http_requests_total{handler="/fail",code="400"} 1');
  });
});
