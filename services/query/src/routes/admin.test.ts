import { Labels } from "@monotreme/model";
import type { DeletionReceipt, DeletionRequest, ExemplarRequest } from "@monotreme/storage";
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
      deleteSeries: async (tenant: string, request: DeletionRequest) => {
        asked.push([tenant, request]);
        return undefined;
      },
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

  test("admin routes - a deletion is named in the answer, and what became of it can be asked for", async () => {
    const receipt: DeletionReceipt = {
      id: "d1",
      tenant: "team-a",
      matchers: ['{__name__="up"}'],
      fromMs: -Infinity,
      untilMs: 2000,
      generation: 8,
      state: "complete",
      series: 2,
      rows: 3,
      samples: 4,
      buckets: 1,
      createdMs: 1000,
      updatedMs: 5000,
      version: 3,
    };
    const asked: [string, string | undefined][] = [];
    const administration = {
      deleteSeries: async () => receipt,
      deletions: async (tenant: string, { id }: { id?: string }) => {
        asked.push([tenant, id]);
        return id === undefined || id === "d1" ? [receipt] : [];
      },
    };
    const { app } = await createFixture({ administration, enableAdminApi: true });
    const deleted = await app.inject({ method: "POST", url: `${DELETE}?match[]=up` });
    expect([deleted.statusCode, deleted.headers["x-monotreme-deletion"]]).toEqual([204, "d1"]);
    const headers = { "x-scope-orgid": "team-a" };
    const one = await app.inject({ url: "/api/v1/admin/tsdb/deletions/d1", headers });
    expect(one.json().data).toEqual({
      id: "d1",
      state: "complete",
      matchers: ['{__name__="up"}'],
      start: null,
      end: "1970-01-01T00:00:02.000Z",
      created: "1970-01-01T00:00:01.000Z",
      completed: "1970-01-01T00:00:05.000Z",
      series: 2,
      samples: { rows: 3, blocks: 4, total: 7 },
      bucketsRemoved: 1,
    });
    const all = await app.inject({ url: "/api/v1/admin/tsdb/deletions", headers });
    expect(all.json().data).toEqual([one.json().data]);
    expect(asked).toEqual([
      ["team-a", "d1"],
      ["team-a", undefined],
    ]);
    const missing = await app.inject({ url: "/api/v1/admin/tsdb/deletions/d2", headers });
    expect([missing.statusCode, missing.json().error]).toEqual([404, "there is no deletion d2"]);
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
