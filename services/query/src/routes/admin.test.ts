import { Labels } from "@monotreme/model";
import type { DeletionRequest, ExemplarRequest } from "@monotreme/storage";
import { describe, expect, test } from "vitest";
import { createFixture } from "./query-fixture.ts";

const DELETE = "/api/v1/admin/tsdb/delete_series";

describe("admin routes", () => {
  const disabled = (path: string): void =>
    test(`admin routes - ${path} is off unless switched on`, async () => {
      const administration = { deleteSeries: async () => Promise.reject(new Error("called")) };
      const { app } = await createFixture({ administration });
      const response = await app.inject({ method: "POST", url: `/api/v1/admin/tsdb/${path}?match[]=up` });
      expect([response.statusCode, response.json()]).toEqual([
        500,
        { status: "error", errorType: "unavailable", error: "admin APIs disabled" },
      ]);
    });
  disabled("delete_series");
  disabled("clean_tombstones");
  disabled("snapshot");

  test("admin routes - deletes what the selectors match, for the tenant of the header", async () => {
    const asked: [string, DeletionRequest][] = [];
    const administration = {
      deleteSeries: async (tenant: string, request: DeletionRequest) => void asked.push([tenant, request]),
    };
    const { app } = await createFixture({ administration, enableAdminApi: true });
    for (const method of ["POST", "PUT"] as const) {
      const headers = { "x-scope-orgid": "team-a" };
      const response = await app.inject({ method, url: `${DELETE}?match[]=up&match[]={a="b"}&start=1&end=2`, headers });
      expect([response.statusCode, response.body]).toEqual([204, ""]);
    }
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatchObject(["team-a", { fromMs: 1000, untilMs: 2000 }]);
    expect(asked[0]?.[1].matcherSets.map((set) => set.map(String))).toEqual([['__name__="up"'], ['a="b"']]);
  });

  test("admin routes - never deletes without a selector, or by GET", async () => {
    const administration = { deleteSeries: async () => Promise.reject(new Error("called")) };
    const { app } = await createFixture({ administration, enableAdminApi: true });
    const refusal = async (url: string, error: string): Promise<void> => {
      const response = await app.inject({ method: "POST", url });
      expect([response.statusCode, response.json().error]).toEqual([400, error]);
    };
    await refusal(DELETE, "no match[] parameter provided");
    await refusal(
      `${DELETE}?match[]=up&start=2&end=1`,
      'invalid parameter "end": end timestamp must not be before start time',
    );
    expect((await app.inject({ url: `${DELETE}?match[]=up` })).statusCode).toBe(405);
  });

  test("admin routes - cleans up, and says that there are no snapshots", async () => {
    const { app } = await createFixture({ enableAdminApi: true });
    const clean = await app.inject({ method: "POST", url: "/api/v1/admin/tsdb/clean_tombstones" });
    const snapshot = await app.inject({ method: "POST", url: "/api/v1/admin/tsdb/snapshot" });
    expect([clean.statusCode, snapshot.statusCode]).toEqual([204, 500]);
    expect(snapshot.json().error).toMatch(/^snapshots are not supported/);
  });
});

describe("exemplars route", () => {
  test("exemplars route - of every selector of the query, in upstream's form", async () => {
    const asked: ExemplarRequest[] = [];
    const exemplars = async (request: ExemplarRequest) => {
      asked.push(request);
      const labels = Labels.fromObject({ trace_id: "t1" });
      return [{ labels: Labels.fromObject({ __name__: "up" }), exemplars: [{ labels, value: 6, timestampMs: 1500 }] }];
    };
    const { app } = await createFixture({ administration: { exemplars: () => ({ exemplars }) } });
    const response = await app.inject({ url: "/api/v1/query_exemplars?query=rate(a[5m])/b&start=1&end=2" });
    expect(response.body).toBe(
      '{"status":"success","data":[{"seriesLabels":{"__name__":"up"},' +
        '"exemplars":[{"labels":{"trace_id":"t1"},"value":"6","timestamp":1.5}]}]}',
    );
    expect(asked).toMatchObject([{ fromMs: 1000, untilMs: 2000 }]);
    expect(asked[0]?.matcherSets.map((set) => set.map(String)).sort()).toEqual([['__name__="a"'], ['__name__="b"']]);
  });

  test("exemplars route - nothing for a query without selectors, 400 for none that is one", async () => {
    const { app } = await createFixture();
    expect((await app.inject({ url: "/api/v1/query_exemplars?query=1" })).statusCode).toBe(204);
    expect((await app.inject({ url: "/api/v1/query_exemplars?query=(" })).statusCode).toBe(400);
  });
});
