import { ClickHouse } from "@monotreme/clickhouse";
import { Labels } from "@monotreme/model";
import { createSampleStore, migrateStorage, readSeriesStatistics } from "@monotreme/storage";
import { createSilentLogger } from "@monotreme/telemetry";
import { startClickHouse, type TestServer } from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fixtureRows, type FixtureSample } from "./storage-fixture.ts";

const DAY_MS = 86_400_000;
/** Noon of a day. */
const NOON_MS = 20_000 * DAY_MS + DAY_MS / 2;

let server: TestServer;
let clickhouse: ClickHouse;

beforeAll(async () => {
  server = await startClickHouse();
  clickhouse = new ClickHouse({ url: server.url, database: "administration" });
  await migrateStorage(clickhouse, { logger: createSilentLogger() });
});

afterAll(async () => {
  await clickhouse.close();
  await server.stop();
});

function sample(labels: Record<string, string>, timestampMs: number, value = 1): FixtureSample {
  return { labels: Labels.fromObject(labels), timestampMs, value };
}

async function insert(tenant: string, samples: readonly FixtureSample[]): Promise<void> {
  const rows = await fixtureRows(tenant, samples);
  const store = createSampleStore(clickhouse);
  const options = { deduplicationToken: `${tenant}/${samples[0]?.labels.key}/${samples[0]?.timestampMs}` };
  await store.insertSeries(rows.series, options);
  await store.insertSamples(rows.samples, options);
}

describe("storage - series statistics", () => {
  test("storage - counts what makes series many, for one tenant", async () => {
    await insert("counted", [
      ...["a", "b", "c"].map((instance) => sample({ __name__: "up", job: "node", instance }, NOON_MS)),
      sample({ __name__: "up", job: "node", instance: "a" }, NOON_MS - DAY_MS),
      sample({ __name__: "load", job: "node", instance: "a" }, NOON_MS + 1000),
      sample({ __name__: "gone", job: "old" }, NOON_MS - 3 * DAY_MS),
    ]);
    await insert("other", [sample({ __name__: "secret", team: "x" }, NOON_MS)]);
    const days = { fromMs: NOON_MS - DAY_MS, untilMs: NOON_MS };
    expect(await readSeriesStatistics(clickhouse, "counted", { ...days, limit: 2 })).toEqual({
      seriesCount: 4,
      labelPairCount: 6,
      timeRange: { fromMs: NOON_MS - DAY_MS, untilMs: NOON_MS + 1000 },
      seriesCountByMetric: [
        { name: "up", value: 3 },
        { name: "load", value: 1 },
      ],
      valueCountByLabel: [
        { name: "instance", value: 3 },
        { name: "__name__", value: 2 },
      ],
      valueBytesByLabel: [
        { name: "job", value: 16 },
        { name: "__name__", value: 10 },
      ],
      seriesCountByLabelPair: [
        { name: "job=node", value: 4 },
        { name: "__name__=up", value: 3 },
      ],
    });
  });

  test("storage - counts nothing for a tenant without series", async () => {
    expect(await readSeriesStatistics(clickhouse, "nobody", { fromMs: 0, untilMs: Infinity, limit: 10 })).toEqual({
      seriesCount: 0,
      labelPairCount: 0,
      timeRange: undefined,
      seriesCountByMetric: [],
      valueCountByLabel: [],
      valueBytesByLabel: [],
      seriesCountByLabelPair: [],
    });
  });
});
