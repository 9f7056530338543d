import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseFlags } from "@monotreme/config";
import { ClickHouse } from "@monotreme/clickhouse";
import { ServiceScope } from "@monotreme/lifecycle";
import { Labels } from "@monotreme/model";
import { QUERY_FLAGS, startQuery } from "@monotreme/query";
import { findFreePort } from "@monotreme/standalone";
import { createSampleStore, migrateStorage } from "@monotreme/storage";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import {
  createTemporaryFolder,
  queryInstant,
  startClickHouse,
  startNats,
  startProgram,
  type TemporaryFolder,
  type TestProgram,
  type TestServer,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fixtureRows } from "./storage-fixture.ts";

/** A whole minute, some hours ago, after which nothing is stored. */
const END_MS = Math.floor(Date.now() / 60_000) * 60_000 - 3 * 3_600_000;
const END = END_MS / 1000;
const SAMPLES = 500;

let clickhouse: TestServer;
let nats: TestServer;
let folder: TemporaryFolder;
let scope: ServiceScope;
let base: string;

beforeAll(async () => {
  [clickhouse, nats, folder] = await Promise.all([startClickHouse(), startNats(), createTemporaryFolder("read")]);
  const client = new ClickHouse({ url: clickhouse.url, database: "read" });
  await migrateStorage(client, { logger: createSilentLogger() });
  const samples = ["a", "b"].flatMap((instance) =>
    Array.from({ length: SAMPLES }, (_, n) => ({
      labels: Labels.fromObject({ __name__: "reads_total", instance, path: "/🦆" }),
      timestampMs: END_MS - (SAMPLES - 1 - n) * 15_000 + (n % 3),
      value: instance === "a" ? n * 15 : Math.sin(n) * 1e-7,
    })),
  );
  const rows = await fixtureRows("anonymous", samples);
  await createSampleStore(client).insertSeries(rows.series, { deduplicationToken: "s" });
  await createSampleStore(client).insertSamples(rows.samples, { deduplicationToken: "s" });
  await client.close();
  const configFile = join(folder.path, "ours.yml");
  await writeFile(configFile, "global: {external_labels: {cluster: c1}}\n");
  const port = await findFreePort();
  const argv = [
    `--web.listen-address=127.0.0.1:${port}`,
    `--config.file=${configFile}`,
    `--clickhouse.url=${clickhouse.url}`,
    "--clickhouse.database=read",
    `--nats.url=${nats.url}`,
  ];
  scope = new ServiceScope({ registry: new Registry(), logger: createSilentLogger() }, () => undefined);
  await startQuery(parseFlags(QUERY_FLAGS, { argv, environment: {} }), scope);
  base = `http://127.0.0.1:${port}`;
});

afterAll(async () => {
  await scope.close(AbortSignal.timeout(5000));
  await Promise.all([clickhouse.stop(), nats.stop(), folder.remove()]);
});

/** A Prometheus that has nothing of its own and reads from us, or undefined where it is not installed. */
async function startReader(): Promise<(TestProgram & { readonly url: string }) | undefined> {
  const configFile = join(folder.path, "prometheus.yml");
  await writeFile(configFile, `remote_read: [{url: "${base}/api/v1/read", read_recent: true}]\n`);
  const port = await findFreePort();
  const args = [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${folder.path}/tsdb`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  try {
    const program = await startProgram("prometheus", args, { readyPattern: /Server is ready/ });
    return { ...program, url: `http://127.0.0.1:${port}` };
  } catch (error) {
    if (error instanceof Error && error.message.includes("ENOENT")) return undefined;
    throw error;
  }
}

describe("remote read", () => {
  test("remote read - Prometheus queries through us and sees the same values", async (context) => {
    const reader = await startReader();
    if (reader === undefined) return context.skip();
    try {
      for (const query of [
        'reads_total{cluster="c1"}',
        "sum by (instance) (rate(reads_total[10m]))",
        "count_over_time(reads_total[3h])",
        'max_over_time(reads_total{instance="b"}[1h])',
      ]) {
        const theirs = await queryInstant(reader.url, query, END + 0.5);
        expect(theirs.length).toBeGreaterThan(0);
        const asked = query.replace('{cluster="c1"}', "");
        const ours = await queryInstant(base, asked, END + 0.5);
        const valuesOf = (all: typeof ours): Map<string | undefined, number> =>
          new Map(all.map(({ metric, value }) => [metric["instance"], Number(value[1])]));
        expect(theirs).toHaveLength(ours.length);
        expect(valuesOf(theirs)).toEqual(valuesOf(ours));
      }
      const [first] = await queryInstant(reader.url, 'reads_total{instance="a"}', END + 0.5);
      expect(first?.metric).toEqual({ __name__: "reads_total", cluster: "c1", instance: "a", path: "/🦆" });
      expect(Number(first?.value[1])).toBe((SAMPLES - 1) * 15);
    } finally {
      await reader.stop();
    }
  });
});
