import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Bus, connectBus, ensureStreams } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import { SAMPLES_STREAM, SampleBatchBuilder, samplesSubject } from "@monotreme/contracts";
import { createSeriesHasher, Labels } from "@monotreme/model";
import { migrateStorage } from "@monotreme/storage";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { eventually, startClickHouse, startNats, type TestServer } from "@monotreme/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { wordsOfIds } from "./storage-fixture.ts";

const MAIN = fileURLToPath(new URL("../../services/ingester/src/main.ts", import.meta.url));
const NOON_MS = Date.UTC(2026, 5, 1, 12);
const SAMPLES_A_MESSAGE = 500;
const KILLS = 4;

let nats: TestServer;
let clickhouseServer: TestServer;
let clickhouse: ClickHouse;
let bus: Bus;
let ingester: ChildProcess | undefined;

beforeAll(async () => {
  [nats, clickhouseServer] = await Promise.all([startNats(), startClickHouse()]);
  clickhouse = new ClickHouse({ url: clickhouseServer.url, database: "monotreme" });
  await migrateStorage(clickhouse, { logger: createSilentLogger() });
  // Merges take equal rows together; the counts are to show what was inserted.
  await clickhouse.command("SYSTEM STOP MERGES samples");
  bus = await connectBus({ url: nats.url, name: "test", logger: createSilentLogger(), registry: new Registry() });
  await ensureStreams(bus, { samplesMaxBytes: 2 ** 30, deadletterMaxBytes: 2 ** 20, replicas: 1 });
});

afterAll(async () => {
  ingester?.kill("SIGKILL");
  await bus?.close();
  await clickhouse?.close();
  await Promise.all([nats?.stop(), clickhouseServer?.stop()]);
});

function startIngester(): ChildProcess {
  return spawn(
    process.execPath,
    [
      "--import",
      "tsx",
      MAIN,
      `--nats.url=${nats.url}`,
      `--clickhouse.url=${clickhouseServer.url}`,
      "--web.listen-address=127.0.0.1:0",
      "--samples.partitions=2",
      "--samples.max-bytes=1GB",
      "--ingester.batch-linger=50ms",
      "--ingester.ack-wait=2s",
      "--ingester.lease-ttl=2s",
    ],
    { stdio: "ignore" },
  );
}

async function storedRows(): Promise<{ rows: number; distinct: number }> {
  const [row] = await clickhouse.queryRows(
    "SELECT toFloat64(count()) AS rows, toFloat64(uniqExact(ts)) AS distinct FROM samples",
  );
  return { rows: Number(row?.["rows"]), distinct: Number(row?.["distinct"]) };
}

test("ingester - killed again and again under load: every sample is stored exactly once", {
  timeout: 300_000,
}, async () => {
  const hasher = await createSeriesHasher();
  const labels = Labels.fromObject({ __name__: "killed" });
  const ids = wordsOfIds(hasher.metricId("anonymous", "killed"), hasher.seriesId("anonymous", labels));
  let published = 0;
  let isPublishing = true;
  const publish = async (): Promise<void> => {
    const builder = new SampleBatchBuilder("anonymous");
    for (; isPublishing; published++) {
      builder.clear();
      builder.announce(ids.metricIdLow, ids.metricIdHigh, ids.seriesIdLow, ids.seriesIdHigh, 0, labels);
      for (let i = 0; i < SAMPLES_A_MESSAGE; i++) {
        const timestampMs = NOON_MS + published * SAMPLES_A_MESSAGE + i;
        builder.addSample(ids.metricIdLow, ids.metricIdHigh, ids.seriesIdLow, ids.seriesIdHigh, timestampMs, 0, 0);
      }
      await bus.jetstream.publish(samplesSubject(published % 2), builder.encode());
    }
  };
  const publishing = publish();
  for (let kill = 0; kill < KILLS; kill++) {
    const { rows } = await storedRows();
    ingester = startIngester();
    await eventually(async () => (await storedRows()).rows > rows, { timeoutMs: 60_000 });
    // Somewhere in the rhythm of plan, insert and acknowledgement, at another place each time.
    await new Promise((resolve) => setTimeout(resolve, 300 + kill * 37));
    ingester.kill("SIGKILL");
  }
  isPublishing = false;
  await publishing;
  ingester = startIngester();
  const expected = published * SAMPLES_A_MESSAGE;
  await eventually(async () => expect(await storedRows()).toEqual({ rows: expected, distinct: expected }), {
    timeoutMs: 60_000,
  });
  await eventually(async () => (await bus.manager.streams.info(SAMPLES_STREAM)).state.messages === 0);
  expect(await storedRows()).toEqual({ rows: expected, distinct: expected });
  const exit = new Promise((resolve) => ingester?.once("exit", resolve));
  ingester.kill("SIGTERM");
  expect(await exit).toBe(0);
});
