import { join } from "node:path";
import { readdir, writeFile } from "node:fs/promises";
import { RAW } from "@monotreme/blocks";
import { ClickHouse } from "@monotreme/clickhouse";
import { loadTiers, type Tiers } from "@monotreme/retention";
import { migrateStorage } from "@monotreme/storage";
import { type EmbeddedServer, startEmbeddedClickHouse } from "@monotreme/standalone";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { createTemporaryFolder, type TemporaryFolder } from "@monotreme/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTieringMetrics } from "../../services/compactor/src/tiering/metrics.ts";
import { moveOldPartitions } from "../../services/compactor/src/tiering/move-partitions.ts";
import { insertBuckets, insertChunks } from "./retention-fixture.ts";

const DAY_MS = 86_400_000;
const TODAY = 20_160;
const NOW_MS = TODAY * DAY_MS + DAY_MS / 2;
const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

let folder: TemporaryFolder;
let server: EmbeddedServer;
let clickhouse: ClickHouse;
let tiers: Tiers;

beforeEach(async () => {
  folder = await createTemporaryFolder("tiering");
  const file = join(folder.path, "tiers.yml");
  await writeFile(
    file,
    `volumes: {cold: {path: ${join(folder.path, "cold")}}}
move:
  raw: {after: 30d, to: cold}
  5m: {after: 100d, to: cold}
`,
  );
  const loaded = await loadTiers(file);
  if (loaded === undefined) throw new Error("expected tiers");
  tiers = loaded;
  await start();
  await migrateStorage(clickhouse, { logger: createSilentLogger() });
});

afterEach(async () => {
  await halt();
  await folder.remove();
});

async function start(): Promise<void> {
  server = await startEmbeddedClickHouse({ dataPath: join(folder.path, "clickhouse"), logger: SILENT, tiers });
  clickhouse = new ClickHouse({ url: server.url, database: "monotreme" });
}

async function halt(): Promise<void> {
  await clickhouse.close();
  await server.close(AbortSignal.timeout(10_000));
}

async function move(registry = new Registry()): Promise<readonly number[]> {
  const options = { clickhouse, tiers, logger: createSilentLogger(), metrics: createTieringMetrics(registry) };
  const moved = await moveOldPartitions(options, { nowMs: NOW_MS, signal: new AbortController().signal });
  return moved.map(({ fromMs }) => fromMs / DAY_MS);
}

async function disks(): Promise<Record<string, string>> {
  const rows = await clickhouse.queryRows(
    `SELECT partition, disk_name FROM system.parts WHERE database = 'monotreme' AND active AND table LIKE '%chunks'`,
  );
  return Object.fromEntries(rows.map(({ partition, disk_name }) => [String(partition), String(disk_name)]));
}

async function starts(): Promise<readonly number[]> {
  const rows = await clickhouse.queryRows(
    "SELECT toFloat64(start) AS start, length(data) > 0 AS ok FROM raw_chunks ORDER BY start",
  );
  expect(rows.every(({ ok }) => Number(ok) === 1)).toBe(true);
  return rows.map(({ start: startMs }) => Number(startMs) / DAY_MS);
}

test("tiering - old partitions move to the other volume, are read there, and are found after a restart", async () => {
  const days = [TODAY - 60, TODAY - 31, TODAY - 29, TODAY];
  for (const day of days) {
    const startMs = day * DAY_MS;
    const chunk = { startMs, generation: 1, classes: ["default"], timestamps: [startMs + 1] };
    await insertChunks(clickhouse, chunk);
  }
  const block = { resolutionMs: 300_000, startMs: (TODAY - 119) * DAY_MS, generation: 1, classes: ["default"] };
  await insertBuckets(clickhouse, block);
  const registry = new Registry();
  expect(await move(registry)).toEqual([TODAY - 119, TODAY - 60, TODAY - 31]);
  const moved = {
    [`('default',${TODAY - 60})`]: "cold",
    [`('default',${TODAY - 31})`]: "cold",
    [`('default',${TODAY - 29})`]: "default",
    [`('default',${TODAY})`]: "default",
    [`(300000,'default',${(TODAY - 119) / 7})`]: "cold",
  };
  expect(await disks()).toEqual(moved);
  expect(await starts()).toEqual(days);
  expect(await readdir(join(folder.path, "cold"), { recursive: true })).not.toEqual([]);
  expect(await registry.metrics()).toContain('monotreme_tiering_moved_partitions_total{kind="raw"} 2');
  expect(await move()).toEqual([]);
  await halt();
  await start();
  expect(await disks()).toEqual(moved);
  expect(await starts()).toEqual(days);
  // What comes late for an old day goes where writes go, and then after the others.
  const startMs = (TODAY - 60) * DAY_MS;
  await insertChunks(clickhouse, { startMs, generation: 3, classes: ["default"], timestamps: [startMs + 2] });
  expect(await move()).toEqual([TODAY - 60]);
});

test("tiering - a volume that the server does not have is told with what it has", async () => {
  tiers = { ...tiers, moves: [{ kind: "raw", afterMs: RAW.blockMs, to: "far" }] };
  await expect(move()).rejects.toMatchObject({ code: "TIERS_VOLUME_MISSING" });
  await expect(move()).rejects.toThrow("only the volumes default, cold in its storage policy monotreme");
  tiers = { ...tiers, policyName: "other" };
  await expect(move()).rejects.toThrow("no such policy");
});
