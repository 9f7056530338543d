import { describe, expect, test } from "vitest";
import { createFixture } from "./query-fixture.ts";

describe("syntax routes", () => {
  test("syntax routes - a query in canonical form", async () => {
    const { app } = await createFixture();
    const response = await app.inject({ url: "/api/v1/format_query?query=sum(up)by(job)" });
    expect(response.json()).toEqual({ status: "success", data: "sum by (job) (up)" });
  });

  test("syntax routes - a syntax tree", async () => {
    const { app } = await createFixture();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const response = await app.inject({ method: "POST", url: "/api/v1/parse_query", headers, payload: "query=1" });
    expect(response.json()).toEqual({ status: "success", data: { type: "numberLiteral", val: "1" } });
  });

  const refused = (path: string): void =>
    test(`syntax routes - ${path} tells where the fault is`, async () => {
      const response = await (await createFixture()).app.inject({ url: `${path}?query=sum(` });
      expect(response.statusCode).toBe(400);
      expect(response.json().error).toMatch(/^invalid parameter "query": 1:\d+: parse error: /);
    });
  refused("/api/v1/format_query");
  refused("/api/v1/parse_query");

  test("syntax routes - experimental functions are features where they are switched on", async () => {
    const functionsWith = async (features: string): Promise<Record<string, boolean>> => {
      const { app } = await createFixture({ features });
      return (await app.inject({ url: "/api/v1/features" })).json().data.promql_functions;
    };
    expect(await functionsWith("")).toMatchObject({ rate: true, mad_over_time: false });
    expect(await functionsWith("promql-experimental-functions")).toMatchObject({ mad_over_time: true });
  });
});

describe("wrong methods", () => {
  const f = (method: "DELETE" | "PUT" | "POST" | "OPTIONS", url: string, allow: string): void =>
    test(`wrong methods - ${method} ${url}`, async () => {
      const response = await (await createFixture()).app.inject({ method, url });
      expect([response.statusCode, response.headers["allow"]]).toEqual([405, allow]);
      expect(response.body).toBe("Method Not Allowed\n");
    });
  f("DELETE", "/api/v1/query", "GET, HEAD, POST");
  f("PUT", "/api/v1/query_range", "GET, HEAD, POST");
  f("POST", "/api/v1/label/job/values", "GET, HEAD");
  f("POST", "/api/v1/status/tsdb", "GET, HEAD");
  f("OPTIONS", "/version", "GET, HEAD");

  test("wrong methods - preflight requests are still answered", async () => {
    const response = await (await createFixture()).app.inject({ method: "OPTIONS", url: "/api/v1/query" });
    expect(response.statusCode).toBe(204);
  });
});
