import { FIVE_MINUTES, ONE_HOUR, startOf, WINDOW_MS } from "@monotreme/blocks";
import { Labels, STALE_NAN_HIGH, STALE_NAN_LOW } from "@monotreme/model";
import { Engine, parseExpression, type QueryResult, type SeriesSamples } from "@monotreme/promql";
import { BlockCatalog, blockViewOf, createSampleSource, readBlockSnapshot } from "@monotreme/storage";
import { eventually } from "@monotreme/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CompactorFixture, TENANT } from "./compactor-fixture.ts";
import type { FixtureSample } from "./storage-fixture.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAYS = 2;
const START_MS = startOf(Date.UTC(2026, 4, 4), FIVE_MINUTES.blockMs) + 9 * HOUR_MS;
const END_MS = START_MS + DAYS * 24 * HOUR_MS;
const STALE: readonly [number, number] = [STALE_NAN_LOW, STALE_NAN_HIGH];

let fixture: CompactorFixture;

beforeAll(async () => {
  fixture = await CompactorFixture.start();
  await fixture.write(history());
  await fixture.compactor();
  await allFresh();
}, 120_000);
afterAll(async () => fixture?.stop());

/** Counters with resets, gauges, classic buckets; with gaps, markers and scrapes a little off the minute. */
function history(): FixtureSample[] {
  const samples: FixtureSample[] = [];
  for (let instance = 0; instance < 3; instance++) {
    let counter = instance * 1000;
    const bucketCounts = [0, 0, 0];
    for (let minute = 0; minute < (END_MS - START_MS) / MINUTE_MS; minute++) {
      const timestampMs = START_MS + (minute + 1) * MINUTE_MS - ((minute * 7919 + instance * 131) % 700);
      const isGap = instance === 1 && minute % 977 > 950;
      const isEnd = instance === 1 && minute % 977 === 950;
      const series = (name: string, labels: Record<string, string> = {}): Labels =>
        Labels.fromObject({ __name__: name, job: `j${instance % 2}`, instance: `i${instance}`, ...labels });
      counter = minute % 601 === 600 ? 3 : counter + ((minute * 31 + instance) % 17) / 4;
      const gauge = Math.round(Math.sin(minute / 50) * 1e4) / 100;
      if (isGap) continue;
      samples.push({ labels: series("requests_total"), timestampMs, value: isEnd ? STALE : counter });
      samples.push({ labels: series("temperature"), timestampMs, value: isEnd ? STALE : gauge });
      for (const [i, le] of ["0.1", "1", "+Inf"].entries()) {
        bucketCounts[i] = (bucketCounts[i] ?? 0) + ((minute + instance) % (i + 2));
        const total = bucketCounts.slice(0, i + 1).reduce((sum, count) => sum + count, 0);
        samples.push({ labels: series("latency_bucket", { le }), timestampMs, value: total });
      }
    }
  }
  return samples;
}

/** Waits until the buckets of every window say what its samples say. */
async function allFresh(): Promise<void> {
  await eventually(
    async () => {
      const snapshot = await readBlockSnapshot(fixture.clickhouse, { fromMs: START_MS + 1, untilMs: END_MS });
      for (let windowMs = startOf(START_MS + 1, WINDOW_MS); windowMs < END_MS; windowMs += WINDOW_MS) {
        if (snapshot.rawGeneration(windowMs) === undefined) return false;
        if (!snapshot.isFresh(FIVE_MINUTES, windowMs) || !snapshot.isFresh(ONE_HOUR, windowMs)) return false;
      }
      return true;
    },
    { timeoutMs: 90_000 },
  );
  blockViewOf(fixture.clickhouse).forget();
}

const engine = new Engine();

async function ask(
  text: string,
  resolution: number | "auto",
  stepMs: number,
  startMs = START_MS + 6 * HOUR_MS,
): Promise<QueryResult> {
  const source = createSampleSource(fixture.clickhouse, TENANT);
  const range = { startMs, endMs: END_MS, stepMs };
  return engine.query(source, parseExpression(text), range, { maxSourceResolution: resolution, text });
}

/** Series by labels, values rounded to what the order of additions may change. */
function matrixOf({ value }: QueryResult): Map<string, readonly string[]> {
  const series: readonly SeriesSamples[] = value.type === "matrix" ? value.series : [];
  return new Map(
    series
      .map(({ labels, timestamps, values }): [string, readonly string[]] => [
        labels.key,
        Array.from(timestamps, (timestamp, i) => `${timestamp} ${(values[i] ?? Number.NaN).toPrecision(9)}`),
      ])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const EXPRESSIONS = [
  "requests_total",
  "sum by (job) (rate(requests_total[2h]))",
  "increase(requests_total[6h])",
  "resets(requests_total[6h])",
  "delta(temperature[3h])",
  "avg_over_time(temperature[2h])",
  "min_over_time(temperature[4h]) - max_over_time(temperature[4h])",
  "sum_over_time(temperature[2h]) / count_over_time(temperature[2h])",
  "last_over_time(temperature[2h])",
  "present_over_time(requests_total[2h])",
  "histogram_quantile(0.9, sum by (le) (rate(latency_bucket[2h])))",
  "topk(1, rate(requests_total[2h]))",
  "max_over_time(rate(requests_total[2h])[6h:1h])",
  'rate(requests_total{instance="i1"}[2h] offset 2h)',
];

test.each(EXPRESSIONS)(
  "downsampled queries - %s is the same from 5m, from 1h and from what is chosen",
  async (text) => {
    const raw = await ask(text, 0, HOUR_MS);
    expect(raw.resolutionMs ?? 0).toBe(0);
    expect(matrixOf(raw).size).toBeGreaterThan(0);
    for (const [resolution, expected] of [
      [FIVE_MINUTES.resolutionMs, FIVE_MINUTES.resolutionMs],
      [ONE_HOUR.resolutionMs, ONE_HOUR.resolutionMs],
      ["auto", ONE_HOUR.resolutionMs],
    ] as const) {
      const coarse = await ask(text, resolution, HOUR_MS);
      expect(coarse.resolutionMs).toBe(expected);
      expect(matrixOf(coarse)).toEqual(matrixOf(raw));
    }
  },
);

test("downsampled queries - a window of less than two buckets is answered from finer data", async () => {
  const fromHours = await ask("rate(requests_total[1h])", ONE_HOUR.resolutionMs, HOUR_MS);
  expect(fromHours.resolutionMs).toBe(FIVE_MINUTES.resolutionMs);
  const fromRaw = await ask("rate(requests_total[5m])", ONE_HOUR.resolutionMs, HOUR_MS);
  expect(fromRaw.resolutionMs).toBe(0);
  expect(matrixOf(fromRaw).size).toBe(3);
});

test("downsampled queries - Grafana's window of a step and a scrape reads buckets, too", async () => {
  const text = "sum(rate(requests_total[3660s]))";
  const auto = await ask(text, "auto", HOUR_MS);
  expect(auto.resolutionMs).toBe(FIVE_MINUTES.resolutionMs);
  const [raw, coarse] = [await ask(text, 0, HOUR_MS), auto].map((result) => [...matrixOf(result).values()].flat());
  expect(coarse).toHaveLength(raw?.length ?? 0);
});

test("downsampled queries - late samples count at once, before and after their blocks are made again", async () => {
  const late = Labels.fromObject({ __name__: "requests_total", job: "late", instance: "late" });
  const windowMs = startOf(START_MS + 20 * HOUR_MS, WINDOW_MS);
  await fixture.write(
    Array.from({ length: 120 }, (_, i) => ({
      labels: late,
      timestampMs: windowMs + (i + 1) * MINUTE_MS,
      value: i * 5,
    })),
  );
  const text = "sum by (job) (increase(requests_total[2h]))";
  const compare = async (): Promise<void> => {
    blockViewOf(fixture.clickhouse).forget();
    const coarse = matrixOf(await ask(text, ONE_HOUR.resolutionMs, HOUR_MS));
    expect([...coarse.keys()].some((key) => key.includes("late"))).toBe(true);
    expect(coarse).toEqual(matrixOf(await ask(text, 0, HOUR_MS)));
  };
  await compare();
  await allFresh();
  await compare();
});

test("downsampled queries - where samples were forgotten, buckets answer though nobody asked for them", async () => {
  const text = "sum by (job) (increase(requests_total[2h]))";
  const before = matrixOf(await ask(text, 0, HOUR_MS));
  const catalog = new BlockCatalog(fixture.clickhouse, "test");
  const forgottenUntilMs = START_MS + 18 * HOUR_MS;
  for (const record of await catalog.read({ startsUntilMs: forgottenUntilMs - WINDOW_MS })) {
    if (record.resolutionMs === 0 && record.state === "ready") await catalog.drop(record, "retention");
  }
  await fixture.clickhouse.command(`DELETE FROM raw_chunks WHERE start < ${forgottenUntilMs}`, {
    settings: { lightweight_deletes_sync: "2" },
  });
  blockViewOf(fixture.clickhouse).forget();
  const after = await ask(text, 0, HOUR_MS);
  expect(after.resolutionMs).toBe(FIVE_MINUTES.resolutionMs);
  expect(matrixOf(after)).toEqual(before);
  const newest = await ask(text, 0, HOUR_MS, forgottenUntilMs + 4 * HOUR_MS);
  expect(newest.resolutionMs).toBe(0);
});
