import { FIVE_MINUTES, WINDOW_MS } from "@monotreme/blocks";
import { Labels, Matcher } from "@monotreme/model";
import {
  createSeriesIndex,
  deleteSeries,
  type DeletionReceipt,
  readBlockSnapshot,
  readDeletionReceipts,
} from "@monotreme/storage";
import { eventually } from "@monotreme/testkit";
import { beforeEach, expect, test } from "vitest";
import { CompactorFixture, TENANT } from "./compactor-fixture.ts";
import type { FixtureSample } from "./storage-fixture.ts";

const DAY_MS = 86_400_000;
/** Midnight, twenty days ago. */
const START_MS = (Math.floor(Date.now() / DAY_MS) - 20) * DAY_MS;
const STEP_MS = 60_000;
const SAMPLES = 300;
const UP = [new Matcher("=", "__name__", "up")];
const OF_A = [...UP, new Matcher("=", "instance", "a")];

let fixture: CompactorFixture;

beforeEach(async () => {
  fixture = await CompactorFixture.start();
  return async () => fixture.stop();
});

/** A sample a minute for five hours: three windows. */
function history(instance: string): FixtureSample[] {
  const labels = Labels.fromObject({ __name__: "up", instance });
  return Array.from({ length: SAMPLES }, (_, i) => ({ labels, timestampMs: START_MS + (i + 1) * STEP_MS, value: i }));
}

/** Offsets in minutes of the samples that a query finds, by instance. */
async function minutes(): Promise<Record<string, readonly number[]>> {
  const found = await fixture.read(UP, START_MS, START_MS + DAY_MS);
  return Object.fromEntries(
    Array.from(found, ([key, samples]) => [
      /instance\W+(\w)/.exec(key)?.[1] ?? key,
      samples.map((sample) => (Number(sample.split(" ")[0]) - START_MS) / STEP_MS),
    ]),
  );
}

function range(from: number, until: number): readonly number[] {
  return Array.from({ length: until - from + 1 }, (_, i) => from + i);
}

async function folded(): Promise<void> {
  await eventually(
    async () => {
      if ((await fixture.rows()) > 0) return false;
      const snapshot = await readBlockSnapshot(fixture.clickhouse, { fromMs: START_MS, untilMs: START_MS + DAY_MS });
      return snapshot.isFresh(FIVE_MINUTES, START_MS);
    },
    { timeoutMs: 60_000 },
  );
}

async function deleted(matchers: readonly Matcher[], fromMinute: number, untilMinute: number): Promise<string> {
  const receipt = await deleteSeries(fixture.clickhouse, TENANT, {
    matcherSets: [matchers],
    fromMs: START_MS + fromMinute * STEP_MS,
    untilMs: START_MS + untilMinute * STEP_MS,
  });
  return receipt?.id ?? "";
}

async function completed(id: string): Promise<DeletionReceipt> {
  return eventually(
    async () => {
      const [receipt] = await readDeletionReceipts(fixture.clickhouse, { id });
      if (receipt?.state !== "complete") throw new Error(`the deletion is ${receipt?.state}`);
      return receipt;
    },
    { timeoutMs: 90_000 },
  );
}

test("deletions - deleted samples never come back while blocks are made and written again", async () => {
  const compactor = await fixture.compactor({ compactorGraceMs: 500 });
  await fixture.write([...history("a"), ...history("b")]);
  await folded();
  // From the first window into the second.
  const id = await deleted(OF_A, 60, 150);
  const left = [...range(1, 59), ...range(151, SAMPLES)];
  expect((await minutes())["a"]).toEqual(left);
  // Samples of the deleted range that come later stay, and those of others make the windows be compacted again.
  const labels = Labels.fromObject({ __name__: "up", instance: "a" });
  await fixture.write([{ labels, timestampMs: START_MS + 100 * STEP_MS, value: 7 }]);
  await fixture.write([{ labels, timestampMs: START_MS + 30_000, value: 7 }]);
  const expected = [0.5, ...range(1, 59), 100, ...range(151, SAMPLES)];
  let isComplete = false;
  const watching = (async () => {
    let looks = 0;
    for (; !isComplete; looks++) {
      const found = await minutes();
      expect(found["a"]).toEqual(expected);
      expect(found["b"]).toEqual(range(1, SAMPLES));
    }
    return looks;
  })();
  const receipt = await completed(id).finally(() => {
    isComplete = true;
  });
  expect(await watching).toBeGreaterThan(3);
  expect(receipt).toMatchObject({
    series: 1,
    rows: 0,
    samples: 91,
    buckets: 0,
    matchers: ['{__name__="up", instance="a"}'],
  });
  await folded();
  expect((await minutes())["a"]).toEqual(expected);
  // No chunk that counts is older than the deletion, at any resolution.
  for (const table of ["raw_chunks", "bucket_chunks"]) {
    const older = `SELECT count() FROM (SELECT max(generation) AS g FROM ${table}
      WHERE series_id = (SELECT series_id FROM series WHERE labels['instance'] = 'a' LIMIT 1)
        AND start < ${START_MS + 2 * WINDOW_MS} GROUP BY start) WHERE g < ${receipt.generation}`;
    expect(await fixture.number(older)).toBe(0);
  }
  expect(await compactor.registry.metrics()).toContain("monotreme_deletions_completed_total 1");
});

test("deletions - buckets whose samples are gone are removed whole, and an empty series leaves the index", async () => {
  const compactor = await fixture.compactor({ compactorGraceMs: 500 });
  await fixture.write([...history("a"), ...history("b")]);
  await folded();
  await eventually(
    async () => (await fixture.number("SELECT count() FROM blocks WHERE resolution = 3600000 AND state = 'ready'")) > 0,
    { timeoutMs: 60_000 },
  );
  await fixture.clickhouse.command("TRUNCATE TABLE raw_chunks");
  for (const record of await compactor.catalog.read()) {
    if (record.resolutionMs === 0 && record.state === "ready") await compactor.catalog.drop(record, "test");
  }
  const partly = await completed(await deleted(OF_A, 62, 63));
  // One bucket of 5 minutes and one of an hour.
  expect(partly).toMatchObject({ samples: 0, buckets: 2 });
  const index = createSeriesIndex(fixture.clickhouse, TENANT);
  const request = { matcherSets: [], limit: 0, fromMs: START_MS, untilMs: START_MS + DAY_MS };
  expect((await index.series(request)).items).toHaveLength(2);
  const whole = await completed(await deleted(OF_A, -10, 10_000));
  expect(whole.buckets).toBeGreaterThan(50);
  expect((await index.series(request)).items.map(String)).toEqual(['up{instance="b"}']);
  expect(await deleted(OF_A, -10, 10_000)).toBe("");
});
