import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ApiFixture } from "./api-fixture.ts";

const PATHS = ["/api/v2/silences", "/api/v2/alerts", "/api/v2/alerts/acknowledge"] as const;
const REFUSALS: ReadonlySet<number> = new Set([200, 400, 404, 413, 422]);

/** Bodies that are nearly right: the right names with anything behind them. */
const nearly = fc.record(
  Object.fromEntries(
    ["labels", "annotations", "startsAt", "endsAt", "generatorURL", "matchers", "comment", "createdBy", "id"].map(
      (name) => [name, fc.oneof(fc.jsonValue(), fc.constant("2026-01-01T00:00:00Z"), fc.constant([{ name: "a" }]))],
    ),
  ),
  { requiredKeys: [] },
);

describe("hostile bodies", () => {
  test("hostile bodies - any JSON is answered with a reason, never with a fault of the server", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PATHS),
        fc.oneof(fc.jsonValue(), nearly, fc.array(nearly)),
        async (path, body) => {
          const { status, body: text } = await fixture.ask("POST", path, JSON.stringify(body));
          expect(REFUSALS.has(status), `${status} ${text}`).toBe(true);
          if (status !== 200) expect(JSON.parse(text)).toBeTruthy();
        },
      ),
      { numRuns: 300 },
    );
  });

  test("hostile bodies - names of inherited properties are ordinary labels", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    const labels = '{"constructor":"1","hasOwnProperty":"2","toString":"3","alertname":"A"}';
    expect((await fixture.ask("POST", "/api/v2/alerts", `[{"labels":${labels}}]`)).status).toBe(200);
    const [alert] = JSON.parse((await fixture.ask("GET", "/api/v2/alerts?filter=toString%3D3")).body);
    expect(alert.labels).toEqual(JSON.parse(labels));
    expect(JSON.parse((await fixture.ask("GET", "/api/v2/alerts?filter=valueOf%21%3D%22%22")).body)).toEqual([]);
  });

  test("hostile bodies - patterns that explode elsewhere are refused or matched at once", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    await fixture.ask("POST", "/api/v2/alerts", [{ labels: { alertname: "a".repeat(5000) } }]);
    const startedMs = performance.now();
    for (const pattern of ["(a+)+b", "((a{1,1000}){1,1000}){1,1000}", "(".repeat(2000)]) {
      const filter = encodeURIComponent(`alertname=~${JSON.stringify(pattern)}`);
      const { status } = await fixture.ask("GET", `/api/v2/alerts?filter=${filter}`);
      expect([200, 400]).toContain(status);
    }
    expect(performance.now() - startedMs).toBeLessThan(3000);
  });
});
