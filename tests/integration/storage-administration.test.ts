import { ClickHouse } from "@monotreme/clickhouse";
import { Labels, Matcher } from "@monotreme/model";
import {
  cleanTombstones,
  createSampleSource,
  createSampleStore,
  createSeriesIndex,
  deleteSeries,
  migrateStorage,
  readSeriesStatistics,
} from "@monotreme/storage";
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

describe("storage - deleting series", () => {
  const name = (metric: string): Matcher => new Matcher("=", "__name__", metric);
  const always = { fromMs: -Infinity, untilMs: Infinity };

  /** Timestamps of a metric, by instance. */
  async function stored(tenant: string, metric: string): Promise<Record<string, number[]>> {
    const range = { afterMs: 0, untilMs: NOON_MS * 2, stepMs: 0, functionName: "" };
    const series = await createSampleSource(clickhouse, tenant).select({ matchers: [name(metric)], ...range });
    return Object.fromEntries(series.map(({ labels, timestamps }) => [labels.get("instance"), [...timestamps]]));
  }

  async function indexed(tenant: string, range = always): Promise<readonly string[]> {
    const request = { ...range, matcherSets: [], limit: 0 };
    return (await createSeriesIndex(clickhouse, tenant).series(request)).items.map(String);
  }

  test("storage - deletes a tenant's series and their index, and nobody else's", async () => {
    const samples = ["a", "b"].flatMap((instance) =>
      [0, 1, 2].map((n) => sample({ __name__: "up", instance }, NOON_MS + n * DAY_MS)),
    );
    await insert("mine", samples);
    await insert("theirs", samples);
    const matcherSets = [[name("up"), new Matcher("=~", "instance", "a|x")]];
    await deleteSeries(clickhouse, "mine", { matcherSets, ...always });
    expect(await stored("mine", "up")).toEqual({ b: [NOON_MS, NOON_MS + DAY_MS, NOON_MS + 2 * DAY_MS] });
    expect(await indexed("mine")).toEqual(['up{instance="b"}']);
    const values = await createSeriesIndex(clickhouse, "mine").labelValues("instance", {
      ...always,
      matcherSets: [],
      limit: 0,
    });
    expect(values.items).toEqual(["b"]);
    expect(Object.keys(await stored("theirs", "up")).sort()).toEqual(["a", "b"]);
    expect(await indexed("theirs")).toHaveLength(2);
  });

  test("storage - deletes a range of time, and the index of the days that it empties", async () => {
    const times = [0, 1000, DAY_MS, 2 * DAY_MS, 2 * DAY_MS + 1000].map((offset) => NOON_MS + offset);
    await insert(
      "ranged",
      times.map((time) => sample({ __name__: "up", instance: "a" }, time)),
    );
    const range = { fromMs: NOON_MS + 1000, untilMs: NOON_MS + 2 * DAY_MS };
    await deleteSeries(clickhouse, "ranged", { matcherSets: [[name("up")]], ...range });
    expect(await stored("ranged", "up")).toEqual({ a: [NOON_MS, NOON_MS + 2 * DAY_MS + 1000] });
    const dayOf = (n: number) => ({ fromMs: NOON_MS + n * DAY_MS, untilMs: NOON_MS + n * DAY_MS });
    expect(await Promise.all([0, 1, 2].map(async (n) => (await indexed("ranged", dayOf(n))).length))).toEqual([
      1, 0, 1,
    ]);
  });

  test("storage - samples that come after a deletion are found though nobody announces their series again", async () => {
    const labels = { __name__: "up", instance: "a" };
    await insert("revived", [sample(labels, NOON_MS), sample(labels, NOON_MS + DAY_MS)]);
    await deleteSeries(clickhouse, "revived", { matcherSets: [[name("up")]], ...always });
    expect(await indexed("revived")).toEqual([]);
    const { samples } = await fixtureRows("revived", [sample(labels, NOON_MS + 5)]);
    await createSampleStore(clickhouse).insertSamples(samples, { deduplicationToken: "revived/2" });
    expect(await stored("revived", "up")).toEqual({ a: [NOON_MS + 5] });
    expect(await indexed("revived")).toEqual(['up{instance="a"}']);
  });

  test("storage - frees the space of deleted rows", async () => {
    await cleanTombstones(clickhouse);
    const [row] = await clickhouse.queryRows(
      "SELECT count() AS parts FROM system.parts WHERE database = currentDatabase() AND active AND has_lightweight_delete",
    );
    expect(row).toEqual({ parts: "0" });
    expect(Object.keys(await stored("theirs", "up")).sort()).toEqual(["a", "b"]);
  });
});
