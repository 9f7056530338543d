import { fileURLToPath } from "node:url";
import { type Bus, connectBus, ensureStreams } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import { SAMPLES_STREAM, SampleBatchBuilder, samplesSubject } from "@monotreme/contracts";
import { createSeriesHasher, Labels } from "@monotreme/model";
import { findFreePort } from "@monotreme/standalone";
import { migrateStorage } from "@monotreme/storage";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import {
  eventually,
  startClickHouse,
  startNats,
  startProgram,
  type TestProgram,
  type TestServer,
} from "@monotreme/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { wordsOfIds } from "./storage-fixture.ts";

const MONOTREME = fileURLToPath(new URL("../../tools/monotreme.mjs", import.meta.url));
const NOON_MS = Date.UTC(2026, 5, 1, 12);
const PARTITIONS = 4;
const SAMPLES_A_MESSAGE = 300;
const WAIT = { timeoutMs: 40_000 };

interface Ingester {
  readonly url: string;
  readonly program: TestProgram;
}

let nats: TestServer;
let clickhouseServer: TestServer;
let clickhouse: ClickHouse;
let bus: Bus;
let published = 0;
const ingesters: Ingester[] = [];

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
  for (const { program } of ingesters) await program.stop("SIGKILL");
  await bus?.close();
  await clickhouse?.close();
  await Promise.all([nats?.stop(), clickhouseServer?.stop()]);
});

async function startIngester(leaseTtl = "4s"): Promise<Ingester> {
  const port = await findFreePort();
  const flags = [
    `--nats.url=${nats.url}`,
    `--clickhouse.url=${clickhouseServer.url}`,
    `--web.listen-address=127.0.0.1:${port}`,
    `--samples.partitions=${PARTITIONS}`,
    "--samples.max-bytes=1GB",
    "--deadletter.max-bytes=1MB",
    "--ingester.batch-linger=20ms",
    "--ingester.ack-wait=2s",
    `--ingester.lease-ttl=${leaseTtl}`,
  ];
  const program = await startProgram(process.execPath, [MONOTREME, "ingester", ...flags], {
    readyPattern: /msg=ready/,
    startTimeoutMs: 60_000,
  });
  const ingester = { url: `http://127.0.0.1:${port}`, program };
  ingesters.push(ingester);
  return ingester;
}

async function metric(ingester: Ingester, name: string): Promise<number> {
  const text = await (await fetch(`${ingester.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}

const owned = async (ingester: Ingester): Promise<number> => metric(ingester, "monotreme_ingester_partitions");

/** Publishes until it is told to stop; every message has samples of its own. */
function publishing(): { stop(): Promise<void> } {
  let isStopped = false;
  const run = async (): Promise<void> => {
    const hasher = await createSeriesHasher();
    while (!isStopped) {
      const number = published;
      await bus.jetstream.publish(samplesSubject(number % PARTITIONS), message(hasher, number));
      published++;
    }
  };
  const running = run();
  return {
    stop: async () => {
      isStopped = true;
      await running;
    },
  };
}

function message(hasher: Awaited<ReturnType<typeof createSeriesHasher>>, number: number): Uint8Array {
  const labels = Labels.fromObject({ __name__: "paused", partition: String(number % PARTITIONS) });
  const ids = wordsOfIds(hasher.metricId("anonymous", "paused"), hasher.seriesId("anonymous", labels));
  const { metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh } = ids;
  const builder = new SampleBatchBuilder("anonymous");
  builder.announce(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, Math.floor(NOON_MS / 86_400_000), labels);
  for (let i = 0; i < SAMPLES_A_MESSAGE; i++) {
    const timestampMs = NOON_MS + number * SAMPLES_A_MESSAGE + i;
    builder.addSample(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, timestampMs, number, 0);
  }
  return builder.encode();
}

async function storedRows(): Promise<{ rows: number; distinct: number }> {
  const [row] = await clickhouse.queryRows(
    "SELECT toFloat64(count()) AS rows, toFloat64(uniqExact(series_id, ts)) AS distinct FROM samples",
  );
  return { rows: Number(row?.["rows"]), distinct: Number(row?.["distinct"]) };
}

async function expectEverythingOnce(): Promise<void> {
  const waiting = async (): Promise<number> => (await bus.manager.streams.info(SAMPLES_STREAM)).state.messages;
  await eventually(async () => expect(await waiting()).toBe(0), WAIT);
  const samples = published * SAMPLES_A_MESSAGE;
  expect(await storedRows()).toEqual({ rows: samples, distinct: samples });
}

test("ingester - one that sleeps past its leases and wakes up inserts nothing twice and takes nothing away", async () => {
  const sleeper = await startIngester();
  const load = publishing();
  await eventually(async () => (await storedRows()).rows > 0, WAIT);
  const other = await startIngester();
  await eventually(async () => (await owned(sleeper)) === 2 && (await owned(other)) === 2, WAIT);
  for (let round = 0; round < 3; round++) {
    process.kill(sleeper.program.pid ?? 0, "SIGSTOP");
    await eventually(async () => (await owned(other)) === PARTITIONS, WAIT);
    // The new owner has written over whatever the old one was about to write.
    const { rows } = await storedRows();
    await eventually(async () => (await storedRows()).rows > rows + 20 * SAMPLES_A_MESSAGE, WAIT);
    process.kill(sleeper.program.pid ?? 0, "SIGCONT");
    await eventually(async () => (await owned(sleeper)) === 2 && (await owned(other)) === 2, WAIT);
  }
  await load.stop();
  await expectEverythingOnce();
  const output = sleeper.program.output();
  expect(output).toContain("partition lost, its next owner continues");
});

test("ingester - one that ends in order leaves its partitions to the others at once", async () => {
  for (const { program } of ingesters) await program.stop();
  // What happens while this test runs does not happen because a lease ran out.
  const first = await startIngester("1h");
  const second = await startIngester("1h");
  const load = publishing();
  await eventually(async () => (await owned(first)) === 2 && (await owned(second)) === 2, WAIT);
  expect(await first.program.stop()).toBe(0);
  await eventually(async () => (await owned(second)) === PARTITIONS, WAIT);
  await load.stop();
  await expectEverythingOnce();
});

test("ingester - samples of a sender with more partitions are read as well", async () => {
  const second = ingesters.at(-1) as Ingester;
  const hasher = await createSeriesHasher();
  await bus.jetstream.publish(samplesSubject(9), message(hasher, published++));
  await expectEverythingOnce();
  expect(await owned(second)).toBe(PARTITIONS + 1);
  // It looks again within five seconds.
  await eventually(async () => expect(await metric(second, "monotreme_ingester_backlog_messages")).toBe(0), WAIT);
});
