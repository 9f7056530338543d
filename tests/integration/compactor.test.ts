import { FIVE_MINUTES, ONE_HOUR, WINDOW_MS } from "@monotreme/blocks";
import { Labels, Matcher, STALE_NAN_HIGH, STALE_NAN_LOW } from "@monotreme/model";
import { blockHistories, readBlockSnapshot } from "@monotreme/storage";
import { eventually } from "@monotreme/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CompactorFixture } from "./compactor-fixture.ts";
import type { FixtureSample } from "./storage-fixture.ts";

const START_MS = Math.floor(Date.UTC(2026, 5, 1) / WINDOW_MS) * WINDOW_MS;
const STALE: readonly [number, number] = [STALE_NAN_LOW, STALE_NAN_HIGH];
const EVER = [-(2 ** 52), 2 ** 52] as const;

let fixture: CompactorFixture;

beforeEach(async () => {
  fixture = await CompactorFixture.start();
});
afterEach(async () => {
  await fixture?.stop();
});

function labels(metric: string, instance: string): Labels {
  return Labels.fromObject({ __name__: metric, instance });
}

function named(metric: string): readonly Matcher[] {
  return [new Matcher("=", "__name__", metric)];
}

/** One sample a minute of so many series. */
function load(metric: string, series: number, windowMs: number, minutes = 120): FixtureSample[] {
  return Array.from({ length: series * minutes }, (_, i) => ({
    labels: labels(metric, `i${i % series}`),
    timestampMs: windowMs + (Math.floor(i / series) + 1) * 60_000,
    value: i / 4,
  }));
}

test("compactor - a window goes from rows to chunks, and every read on the way has each sample once", async () => {
  await fixture.write(load("up", 50, START_MS, 60));
  await fixture.write(load("up", 50, START_MS + 3_600_000, 60));
  await fixture.write([
    { labels: labels("up", "i0"), timestampMs: START_MS + 90_500, value: STALE },
    { labels: labels("up", "i1"), timestampMs: START_MS + 60_000, value: 1e9 },
  ]);
  const before = await fixture.read(named("up"), ...EVER);
  expect(before.size).toBe(50);
  const compactor = await fixture.compactor();
  let reads = 0;
  await eventually(
    async () => {
      expect(await fixture.read(named("up"), ...EVER)).toEqual(before);
      reads++;
      return (await fixture.rows()) === 0;
    },
    { timeoutMs: 20_000 },
  );
  expect(reads).toBeGreaterThan(2);
  expect(await fixture.read(named("up"), ...EVER)).toEqual(before);
  const [record] = await compactor.catalog.readBlock({ resolutionMs: 0, startMs: START_MS });
  expect(record).toMatchObject({ state: "ready", inputs: [], series: 50, samples: 6001 });
  expect(record).toMatchObject({ minMs: START_MS + 60_000, maxMs: START_MS + WINDOW_MS });
});

test("compactor - late samples, repeats and better values are folded in, of all windows and of years far off", async () => {
  const old = [Math.floor(Date.UTC(1969, 11, 31) / WINDOW_MS), 0, Math.floor(Date.UTC(2200, 0, 1) / WINDOW_MS)];
  const windows = [START_MS, ...old.map((number) => number * WINDOW_MS)];
  for (const windowMs of windows) await fixture.write(load("up", 5, windowMs, 30));
  // The year 2200 is not due in any sense that a clock has; as if it were.
  const compactor = await fixture.compactor({ compactorGraceMs: 500, compactorDelayMs: -(2 ** 43) });
  await eventually(async () => (await fixture.rows()) === 0, { timeoutMs: 20_000 });
  const late: FixtureSample[] = windows.flatMap((windowMs) => [
    { labels: labels("up", "i0"), timestampMs: windowMs + 1, value: 7 },
    { labels: labels("up", "i0"), timestampMs: windowMs + 60_000, value: -5 },
    { labels: labels("up", "i1"), timestampMs: windowMs + 60_000, value: 5000 },
    { labels: labels("up", "i1"), timestampMs: windowMs + 90_000, value: STALE },
    { labels: labels("up", "new"), timestampMs: windowMs + WINDOW_MS, value: 1 },
  ]);
  await fixture.write(late);
  const expected = await fixture.read(named("up"), ...EVER);
  expect(expected.size).toBe(6);
  expect(expected.get(labels("up", "new").key)).toHaveLength(windows.length);
  await eventually(async () => (await fixture.rows()) === 0, { timeoutMs: 20_000 });
  expect(await fixture.read(named("up"), ...EVER)).toEqual(expected);
  for (const startMs of windows) {
    const history = blockHistories(await compactor.catalog.readBlock({ resolutionMs: 0, startMs })).get(`0/${startMs}`);
    expect(history?.current, new Date(startMs).toISOString()).toMatchObject({ series: 6, samples: 5 * 30 + 3 });
    expect(history?.current).toMatchObject({ minMs: startMs + 1, maxMs: startMs + WINDOW_MS });
  }
});

test("compactor - buckets follow raw blocks, and late samples make them anew", async () => {
  await fixture.write(load("up", 5, START_MS));
  await fixture.compactor({ compactorGraceMs: 500 });
  const isFresh = async (): Promise<boolean> => {
    const range = { fromMs: START_MS, untilMs: START_MS + WINDOW_MS };
    const snapshot = await readBlockSnapshot(fixture.clickhouse, range);
    return [FIVE_MINUTES, ONE_HOUR].every((resolution) => snapshot.isFresh(resolution, START_MS));
  };
  const counts = async (): Promise<readonly number[]> => [
    await fixture.number("SELECT max(samples) FROM blocks FINAL WHERE resolution = 300000 AND state = 'ready'"),
    await fixture.number("SELECT max(samples) FROM blocks FINAL WHERE resolution = 3600000 AND state = 'ready'"),
  ];
  expect(await isFresh()).toBe(false);
  await eventually(async () => (await fixture.rows()) === 0 && (await isFresh()), { timeoutMs: 30_000 });
  expect(await counts()).toEqual([5 * 24, 5 * 2]);
  await fixture.write([{ labels: labels("up", "late"), timestampMs: START_MS + 1000, value: 1 }]);
  expect(await isFresh()).toBe(false);
  await eventually(async () => (await fixture.rows()) === 0 && (await isFresh()), { timeoutMs: 30_000 });
  expect(await counts()).toEqual([5 * 24 + 1, 5 * 2 + 1]);
});

test("compactor - a damaged chunk sets its block aside, and all others go on", async () => {
  const windows = [0, 1, 2].map((number) => START_MS + number * WINDOW_MS);
  for (const windowMs of windows) await fixture.write(load("up", 3, windowMs, 10));
  const compactor = await fixture.compactor({ compactorGraceMs: 0 });
  await eventually(async () => (await fixture.rows()) === 0, { timeoutMs: 20_000 });
  const [, poisonedMs = 0] = windows;
  await fixture.clickhouse.command(
    `ALTER TABLE raw_chunks UPDATE data = [255, 255, 255] WHERE start = ${poisonedMs} SETTINGS mutations_sync = 2`,
  );
  for (const windowMs of windows) {
    await fixture.write([{ labels: labels("up", "i0"), timestampMs: windowMs + 1, value: 1 }]);
  }
  const failures = "SELECT count() FROM blocks FINAL WHERE attempts = 1 AND reason != '' AND resolution = 0";
  await eventually(async () => (await fixture.number(failures)) === 1, { timeoutMs: 20_000 });
  await eventually(async () => (await fixture.rows()) === 1, { timeoutMs: 20_000 });
  const records = await compactor.catalog.readBlock({ resolutionMs: 0, startMs: poisonedMs });
  expect(records.at(-1)).toMatchObject({ state: "building", attempts: 1 });
  expect(records.at(-1)?.reason).toMatch(/not readable/);
  // Four failures more would take hours; they are noted as if they had been.
  const failed = records.at(-1);
  if (failed === undefined) throw new Error("no attempt was noted");
  await compactor.catalog.setAside({ ...failed, attempts: 4 }, failed.reason);
  compactor.scheduler.trigger();
  await eventually(async () => {
    const gauge = await compactor.registry.getSingleMetricAsString("monotreme_compactor_set_aside_blocks");
    return gauge.endsWith("monotreme_compactor_set_aside_blocks 1");
  });
});

test("compactor - two of them share the blocks, and no sample is missed or doubled", async () => {
  const windows = Array.from({ length: 12 }, (_, number) => START_MS + number * WINDOW_MS);
  for (const windowMs of windows) await fixture.write(load("up", 20, windowMs, 30));
  const before = await fixture.read(named("up"), ...EVER);
  const both = await Promise.all([
    fixture.compactor({ compactorGraceMs: 500, compactorConcurrency: 2 }),
    fixture.compactor({ compactorGraceMs: 500, compactorConcurrency: 2 }),
  ]);
  await eventually(async () => (await fixture.rows()) === 0, { timeoutMs: 30_000 });
  expect(await fixture.read(named("up"), ...EVER)).toEqual(before);
  const ready = await fixture.number("SELECT count() FROM blocks FINAL WHERE resolution = 0 AND state = 'ready'");
  expect(ready).toBe(12);
  for (const { registry } of both) {
    const jobs = await registry.getSingleMetricAsString("monotreme_compactor_jobs_total");
    expect(jobs).toMatch(/resolution="raw",result="done"\} [1-9]/);
  }
});

test("compactor - parts that are merged between their block and their removal are not folded in again", async () => {
  for (let i = 0; i < 4; i++) await fixture.write(load("up", 10, START_MS, 5 + i));
  const compactor = await fixture.compactor({ compactorGraceMs: 2000 });
  const blocks = "SELECT count() FROM blocks FINAL WHERE resolution = 0";
  await eventually(async () => (await fixture.number(`${blocks} AND state = 'ready'`)) === 1);
  await fixture.clickhouse.command("OPTIMIZE TABLE samples FINAL");
  expect(await fixture.number("SELECT count() FROM system.parts WHERE table = 'samples' AND active AND rows > 0")).toBe(
    1,
  );
  await eventually(async () => (await fixture.rows()) === 0);
  compactor.scheduler.trigger();
  expect(await fixture.number(blocks)).toBe(1);
});
