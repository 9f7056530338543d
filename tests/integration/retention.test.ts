import { FIVE_MINUTES, ONE_HOUR, RAW, type Resolution, WINDOW_MS } from "@monotreme/blocks";
import { ClickHouse } from "@monotreme/clickhouse";
import { Labels } from "@monotreme/model";
import { DEFAULT_RETENTION, RetentionPolicy, type RetentionPolicyOptions } from "@monotreme/retention";
import { BlockCatalog, createSampleStore, migrateStorage, readBlockSnapshot, windowInput } from "@monotreme/storage";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { startClickHouse, type TestServer } from "@monotreme/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { enforceRetention, type RetentionReport } from "../../services/compactor/src/retention/enforce-retention.ts";
import { createRetentionMetrics } from "../../services/compactor/src/retention/metrics.ts";
import { insertBuckets, insertChunks } from "./retention-fixture.ts";
import { fixtureRows } from "./storage-fixture.ts";

const DAY_MS = 86_400_000;
/** A Thursday on which blocks of every length begin. */
const TODAY = 20_160;
const NOW_MS = TODAY * DAY_MS + DAY_MS / 2;
const NUMBERS = { series: 1, samples: 1, bytes: 1, minMs: 0, maxMs: 0 };

let server: TestServer;
let clickhouse: ClickHouse;
let catalog: BlockCatalog;
let registry: Registry;
let databases = 0;

beforeAll(async () => {
  server = await startClickHouse();
});

afterAll(async () => {
  await server.stop();
});

beforeEach(async () => {
  await clickhouse?.close();
  clickhouse = new ClickHouse({ url: server.url, database: `retention_${databases++}` });
  await migrateStorage(clickhouse, { logger: createSilentLogger() });
  catalog = new BlockCatalog(clickhouse, "test");
  registry = new Registry();
  return async () => clickhouse.close();
});

async function enforce(options: Partial<RetentionPolicyOptions> = {}): Promise<RetentionReport> {
  const policy = new RetentionPolicy({
    defaults: DEFAULT_RETENTION,
    classes: [],
    maxSizeBytes: undefined,
    ...options,
  });
  const metrics = createRetentionMetrics(registry);
  return enforceRetention(
    { clickhouse, catalog, logger: createSilentLogger(), metrics, exemplarsMs: 30 * DAY_MS },
    { policy, nowMs: NOW_MS, signal: new AbortController().signal },
  );
}

/** A window of raw samples of some classes at the beginning of a day, with its record. */
async function rawDay(day: number, classes: readonly string[], inputs: readonly string[] = []): Promise<number> {
  const startMs = day * DAY_MS;
  const record = await catalog.begin({ resolutionMs: RAW.resolutionMs, startMs }, 0);
  await insertChunks(clickhouse, { startMs, generation: record.generation, classes, timestamps: [startMs + 1] });
  return (await catalog.publish(record, inputs, NUMBERS)).generation;
}

/** A block of buckets made of the given raw windows. */
async function buckets(
  resolution: Resolution,
  day: number,
  classes: readonly string[],
  made: readonly (readonly [day: number, generation: number])[],
): Promise<void> {
  const startMs = day * DAY_MS;
  const { resolutionMs } = resolution;
  const record = await catalog.begin({ resolutionMs, startMs }, 0);
  await insertBuckets(clickhouse, { resolutionMs, startMs, generation: record.generation, classes });
  const inputs = made.map(([rawDayNumber, generation]) => windowInput(rawDayNumber * DAY_MS, generation));
  await catalog.publish(record, inputs, NUMBERS);
}

async function stored(table: "raw_chunks" | "bucket_chunks" | "samples" | "exemplars" | "series"): Promise<number> {
  const [row] = await clickhouse.queryRows(`SELECT toFloat64(count()) AS rows FROM ${table}`);
  return Number(row?.["rows"]);
}

describe("retention", () => {
  test("retention - forgets raw samples beyond their time once their buckets are made", async () => {
    const old = await rawDay(TODAY - 91, ["default"]);
    const recent = await rawDay(TODAY - 89, ["default"]);
    const waiting = await enforce();
    expect(waiting.dropped).toEqual([]);
    expect(waiting.waiting).toMatchObject([{ partition: { kind: "raw" }, reason: "buckets are not made" }]);
    expect(await registry.getSingleMetricAsString("monotreme_retention_waiting_partitions")).toContain(
      'monotreme_retention_waiting_partitions{kind="raw"} 1',
    );
    registry.clear();
    await buckets(FIVE_MINUTES, TODAY - 91, ["default"], [[TODAY - 91, old]]);
    const { dropped } = await enforce();
    expect(dropped).toMatchObject([{ kind: "raw", className: "default", fromMs: (TODAY - 91) * DAY_MS }]);
    expect(await stored("raw_chunks")).toBe(1);
    const metrics = await registry.metrics();
    expect(metrics).toContain(
      'monotreme_retention_dropped_partitions_total{kind="raw",class="default",reason="age"} 1',
    );
    expect(metrics).toContain(
      `monotreme_retention_oldest_timestamp_seconds{kind="raw"} ${((TODAY - 89) * DAY_MS) / 1000}`,
    );
    // Readers turn to buckets where raw samples are gone, and only there.
    const snapshot = await readBlockSnapshot(clickhouse, { fromMs: 0, untilMs: NOW_MS });
    expect(snapshot.isRawDropped((TODAY - 91) * DAY_MS)).toBe(true);
    expect(snapshot.isFresh(FIVE_MINUTES, (TODAY - 91) * DAY_MS)).toBe(true);
    expect(snapshot.rawGeneration((TODAY - 89) * DAY_MS)).toBe(recent);
    registry.clear();
    expect((await enforce()).dropped).toEqual([]);
  });

  test("retention - a class goes by itself; the block is noted as dropped with the last of them", async () => {
    const startMs = (TODAY - 10) * DAY_MS;
    const generation = await rawDay(TODAY - 10, ["default", "debug", "it's"]);
    const times = { rawMs: 7 * DAY_MS, fiveMinutesMs: 0, oneHourMs: 0 };
    const classes = ["debug", "it's"].map((name) => ({ name, tenants: undefined, matcherSets: undefined, times }));
    expect((await enforce({ classes })).dropped.map(({ className }) => className).sort()).toEqual(["debug", "it's"]);
    expect((await readBlockSnapshot(clickhouse, { fromMs: 0, untilMs: NOW_MS })).rawGeneration(startMs)).toBe(
      generation,
    );
    registry.clear();
    expect((await enforce({ defaults: times })).dropped).toHaveLength(1);
    expect((await readBlockSnapshot(clickhouse, { fromMs: 0, untilMs: NOW_MS })).isRawDropped(startMs)).toBe(true);
  });

  test("retention - a block whose rows are not removed yet stays", async () => {
    const defaults = { rawMs: 7 * DAY_MS, fiveMinutesMs: 0, oneHourMs: 0 };
    await rawDay(TODAY - 10, ["default"], ["241800_1_1_0"]);
    expect((await enforce({ defaults })).waiting).toMatchObject([{ reason: "rows are not folded in" }]);
    expect(await stored("raw_chunks")).toBe(1);
  });

  test("retention - 5-minute buckets wait for those of an hour", async () => {
    const defaults = { rawMs: DAY_MS, fiveMinutesMs: 30 * DAY_MS, oneHourMs: 300 * DAY_MS };
    const generation = await rawDay(TODAY - 56, ["default"]);
    await buckets(FIVE_MINUTES, TODAY - 56, ["default"], [[TODAY - 56, generation]]);
    const first = await enforce({ defaults });
    expect(first.dropped).toMatchObject([{ kind: "raw" }]);
    expect(first.waiting).toMatchObject([{ partition: { kind: "5m" }, reason: "buckets are not made" }]);
    registry.clear();
    await buckets(ONE_HOUR, TODAY - 56, ["default"], [[TODAY - 56, generation]]);
    expect((await enforce({ defaults })).dropped).toMatchObject([{ kind: "5m" }]);
    expect(await stored("bucket_chunks")).toBe(1);
  });

  test("retention - exemplars, the index and rows that came too late go by their own times", async () => {
    const store = createSampleStore(clickhouse);
    const labels = Labels.fromObject({ __name__: "up" });
    const days = [TODAY - 400, TODAY - 31, TODAY - 5];
    const { samples, series } = await fixtureRows(
      "anonymous",
      days.map((day) => ({ labels, timestampMs: day * DAY_MS + WINDOW_MS, value: 1 })),
    );
    await store.insertSeries(series, { deduplicationToken: "1" });
    await store.insertSamples(samples, { deduplicationToken: "1" });
    const { metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh } = series[0]!;
    const ids = { metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh };
    await store.insertExemplars(
      days.map((day) => ({ ...ids, timestampMs: day * DAY_MS, value: 1, labels })),
      { deduplicationToken: "1" },
    );
    const { dropped } = await enforce();
    expect(dropped.map(({ kind }) => kind)).toEqual(["exemplars", "exemplars"]);
    registry.clear();
    const defaults = { rawMs: 7 * DAY_MS, fiveMinutesMs: 100 * DAY_MS, oneHourMs: 200 * DAY_MS };
    const second = await enforce({ defaults });
    expect(second.dropped.map(({ kind }) => kind).sort()).toEqual(["index", "rows"]);
    expect(second.waiting).toMatchObject([{ partition: { kind: "rows" }, reason: "rows are not folded in" }]);
    expect([await stored("samples"), await stored("exemplars"), await stored("series")]).toEqual([2, 1, 2]);
  });

  test("retention - a bound in bytes takes the oldest raw samples and spares the last two days", async () => {
    for (const day of [TODAY - 30, TODAY - 20, TODAY - 1]) await rawDay(day, ["default"]);
    const { dropped } = await enforce({ maxSizeBytes: 1 });
    expect(dropped.map(({ fromMs }) => fromMs / DAY_MS)).toEqual([TODAY - 30, TODAY - 20]);
    expect(await stored("raw_chunks")).toBe(1);
    const metrics = await registry.metrics();
    expect(metrics).toContain('dropped_partitions_total{kind="raw",class="default",reason="size"} 2');
    expect(metrics).toMatch(/monotreme_retention_size_bytes [1-9]/);
    expect(metrics).toContain("monotreme_retention_size_limit_bytes 1");
    registry.clear();
    expect((await enforce({ maxSizeBytes: 2 ** 40 })).dropped).toEqual([]);
  });
});
