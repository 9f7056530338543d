import { describe, expect, test } from "vitest";
import { ApiFixture } from "./api-fixture.ts";

describe("API", () => {
  test("API - status tells what amtool and Grafana read", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    const { status, body } = await fixture.ask("GET", "/api/v2/status");
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      cluster: { name: "one", status: "ready", peers: [{ name: "one", address: "127.0.0.1:9093" }] },
      config: { original: "route:\n  receiver: default\n" },
      uptime: "2026-01-01T00:00:00.000Z",
      versionInfo: { version: expect.stringMatching(/^0\.34\.\d+$/), revision: expect.any(String) },
    });
  });

  test("API - receivers are chosen by their labels", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    const names = async (query: string): Promise<string[]> => {
      const list: { name: string }[] = JSON.parse((await fixture.ask("GET", `/api/v2/receivers${query}`)).body);
      return list.map(({ name }) => name);
    };
    expect(await names("")).toEqual(["default", "team"]);
    expect(await names("?receiver_matchers=owner=db")).toEqual(["team"]);
    expect(await names("?receiver_matchers=owner=db&receiver_matchers=name=default")).toEqual([]);
    expect((await fixture.ask("GET", "/api/v2/receivers?receiver_matchers=owner")).status).toBe(400);
  });

  test("API - wrong methods, unknown paths and the API of old have upstream's answers", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    const f = async (method: "GET" | "POST" | "PUT" | "DELETE", path: string, status: number, body: unknown) => {
      const answer = await fixture.ask(method, path);
      expect([answer.status, JSON.parse(answer.body)], path).toEqual([status, body]);
    };
    const wrong = (method: string, allowed: string) => ({
      code: 405,
      message: `method ${method} is not allowed, but [${allowed}] are`,
    });
    await f("PUT", "/api/v2/silences", 405, wrong("PUT", "GET,POST"));
    await f("POST", "/api/v2/status", 405, wrong("POST", "GET"));
    await f("GET", "/api/v2/nonsense", 404, { code: 404, message: "path /api/v2/nonsense was not found" });
    for (const method of ["GET", "POST"] as const) {
      expect((await fixture.ask(method, "/api/v1/alerts")).status).toBe(410);
    }
    const preflight = await fixture.ask("OPTIONS", "/api/v2/silences");
    expect([preflight.status, preflight.headers["access-control-allow-methods"]]).toEqual([
      204,
      "GET, POST, DELETE, OPTIONS",
    ]);
  });

  test("API - a reload that fails says why", async () => {
    const fixture = new ApiFixture();
    let fault: Error | undefined;
    await fixture.open({
      reload: async () => {
        if (fault !== undefined) throw fault;
      },
    });
    expect((await fixture.ask("POST", "/-/reload")).status).toBe(200);
    fault = new Error("no route provided in config");
    const failed = await fixture.ask("POST", "/-/reload");
    expect([failed.status, failed.body]).toEqual([500, "failed to reload config: no route provided in config\n"]);
  });

  test("API - too many requests at one time are refused, and counted", async () => {
    const fixture = new ApiFixture();
    await fixture.open({ maxConcurrentGets: 0 });
    const answer = await fixture.ask("GET", "/api/v2/status");
    expect([answer.status, answer.body]).toEqual([
      503,
      "Limit of concurrent GET requests reached (0), try again later.\n",
    ]);
    expect(await fixture.registry.metrics()).toContain(
      'alertmanager_http_concurrency_limit_exceeded_total{method="get"} 1',
    );
  });

  test("API - describes itself, with every reference resolved and every path that it serves", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    const { body } = await fixture.ask("GET", "/api/v2/swagger.json");
    const document: { paths: Record<string, object>; definitions: Record<string, object> } = JSON.parse(body);
    for (const [, name = ""] of body.matchAll(/#\/definitions\/(\w+)/g)) {
      expect(document.definitions, name).toHaveProperty(name);
    }
    expect(document.definitions["postableSilence"]).toMatchObject({ required: expect.arrayContaining(["matchers"]) });
    for (const path of Object.keys(document.paths).filter((one) => !one.includes("{"))) {
      const answer = await fixture.ask("GET", `/api/v2${path}`);
      expect(answer.status, path).toBe(path === "/alerts/acknowledge" ? 405 : 200);
    }
  });
});
