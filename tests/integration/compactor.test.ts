import { WINDOW_MS } from "@monotreme/blocks";
import { Labels, Matcher, STALE_NAN_HIGH, STALE_NAN_LOW } from "@monotreme/model";
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
