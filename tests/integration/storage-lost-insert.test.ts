import { rm } from "node:fs/promises";
import { ClickHouse } from "@monotreme/clickhouse";
import { Labels } from "@monotreme/model";
import { createSampleStore, migrateStorage, type WriteOptions } from "@monotreme/storage";
import { createSilentLogger } from "@monotreme/telemetry";
import { startClickHouse, type TestServer } from "@monotreme/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fixtureRows } from "./storage-fixture.ts";

const NOON_MS = Date.UTC(2026, 5, 1, 12);
const DAY_MS = 86_400_000;

let server: TestServer;
let clickhouse: ClickHouse;

beforeAll(async () => {
  server = await startClickHouse();
  clickhouse = new ClickHouse({ url: server.url, database: "monotreme" });
  await migrateStorage(clickhouse, { logger: createSilentLogger() });
});

afterAll(async () => {
  await clickhouse?.close();
  await server?.stop();
});

const TABLES = ["samples", "series"] as const;

/** Two series, each on a day of its own. */
async function insert(name: string, options: Omit<WriteOptions, "deduplicationToken"> = {}): Promise<void> {
  const rows = await fixtureRows("anonymous", [
    { labels: Labels.fromObject({ __name__: name, day: "1" }), timestampMs: NOON_MS, value: 1 },
    { labels: Labels.fromObject({ __name__: name, day: "2" }), timestampMs: NOON_MS + DAY_MS, value: 2 },
  ]);
  const store = createSampleStore(clickhouse);
  await store.insertSeries(rows.series, { ...options, deduplicationToken: name });
  await store.insertSamples(rows.samples, { ...options, deduplicationToken: name });
}

async function storedDays(): Promise<Record<string, number>> {
  const [row] = await clickhouse.queryRows(`SELECT
    (SELECT toFloat64(uniqExact(intDiv(ts, ${DAY_MS}))) FROM samples) AS samples,
    (SELECT toFloat64(uniqExact(day)) FROM series) AS series`);
  return { samples: Number(row?.["samples"]), series: Number(row?.["series"]) };
}

/** What a server leaves that is killed after it wrote down the token of an insert and before it kept its rows. */
async function loseRows(): Promise<void> {
  const parts = await clickhouse.queryRows(`SELECT path, table FROM system.parts
    WHERE active AND database = 'monotreme' AND table IN (${TABLES.map((table) => `'${table}'`).join()})
    ORDER BY name`);
  await server.kill();
  for (const table of TABLES) {
    const part = parts.find((each) => each["table"] === table);
    await rm(String(part?.["path"]), { recursive: true });
  }
  await server.restart();
}

test("storage - an insert whose token outlived its rows is done again, and counted", async () => {
  await insert("lost");
  expect(await storedDays()).toEqual({ samples: 2, series: 2 });
  await loseRows();
  expect(await storedDays()).toEqual({ samples: 1, series: 1 });

  // This is what the token does without a look at the rows.
  await insert("lost");
  expect(await storedDays()).toEqual({ samples: 1, series: 1 });

  let lost = 0;
  await insert("lost", { isRepeat: true, onLost: () => lost++ });
  expect(await storedDays()).toEqual({ samples: 2, series: 2 });
  expect(lost).toBe(2);
});

test("storage - a repeat of what is stored adds nothing", async () => {
  await clickhouse.command("SYSTEM STOP MERGES samples");
  const count = async (): Promise<unknown> => (await clickhouse.queryRows("SELECT count() AS rows FROM samples"))[0];
  await insert("kept");
  const before = await count();
  let lost = 0;
  await insert("kept", { isRepeat: true, onLost: () => lost++ });
  expect(await count()).toEqual(before);
  expect(lost).toBe(0);
});
