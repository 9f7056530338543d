import type { StatisticsRequest } from "@monotreme/storage";
import { describe, expect, test } from "vitest";
import { createFixture, NOW_MS } from "./query-fixture.ts";

const STATISTICS = {
  seriesCount: 3,
  labelPairCount: 5,
  timeRange: { fromMs: 1000, untilMs: 2000 },
  seriesCountByMetric: [{ name: "up", value: 3 }],
  valueCountByLabel: [{ name: "instance", value: 2 }],
  valueBytesByLabel: [{ name: "job", value: 12 }],
  seriesCountByLabelPair: [{ name: "job=node", value: 3 }],
};

describe("storage status", () => {
  test("storage status - cardinality in upstream's form", async () => {
    const asked: StatisticsRequest[] = [];
    const { app } = await createFixture({
      administration: {
        statistics: async (_tenant, request) => {
          asked.push(request);
          return STATISTICS;
        },
      },
    });
    const response = await app.inject({ url: "/api/v1/status/tsdb?limit=20" });
    expect(asked[0]).toMatchObject({ fromMs: NOW_MS - 10_800_000, untilMs: NOW_MS, limit: 20 });
    expect(response.json()).toEqual({
      status: "success",
      data: {
        headStats: { numSeries: 3, numLabelPairs: 5, chunkCount: 3, minTime: 1000, maxTime: 2000 },
        seriesCountByMetricName: [{ name: "up", value: 3 }],
        labelValueCountByLabelName: [{ name: "instance", value: 2 }],
        memoryInBytesByLabelName: [{ name: "job", value: 12 }],
        seriesCountByLabelValuePair: [{ name: "job=node", value: 3 }],
      },
    });
  });

  test("storage status - an empty store has upstream's ends of time", async () => {
    const response = await (await createFixture()).app.inject({ url: "/api/v1/status/tsdb" });
    expect(response.body).toContain('"minTime":9223372036854775807,"maxTime":-9223372036854775808}');
  });

  const refused = (limit: string, error: string): void =>
    test(`storage status - refuses the limit ${limit}`, async () => {
      const response = await (await createFixture()).app.inject({ url: `/api/v1/status/tsdb?limit=${limit}` });
      expect([response.statusCode, response.json()]).toEqual([400, { status: "error", errorType: "bad_data", error }]);
    });
  refused("0", "limit must be a positive number");
  refused("x", "limit must be a positive number");
  refused("10001", "limit must not exceed 10000");

  test("storage status - nothing is replayed", async () => {
    const response = await (await createFixture()).app.inject({ url: "/api/v1/status/walreplay" });
    expect(response.json()).toEqual({ status: "success", data: { min: 0, max: 0, current: 0 } });
  });
});
