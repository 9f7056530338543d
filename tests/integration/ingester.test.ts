import { type Bus, connectBus, ensureStreams } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import {
  DEADLETTER_HEADERS,
  DEADLETTER_STREAM,
  SAMPLES_STREAM,
  SampleBatchBuilder,
  samplesSubject,
} from "@monotreme/contracts";
import { type IngestPipeline, startIngestPipeline } from "@monotreme/ingester";
import { createSeriesHasher, Labels, Matcher, type SeriesHasher } from "@monotreme/model";
import { createSampleSource, createSeriesIndex, migrateStorage } from "@monotreme/storage";
import { createSilentLogger, Registry, type Telemetry } from "@monotreme/telemetry";
import { eventually, startClickHouse, startNats, type TestServer } from "@monotreme/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startSwitchableProxy } from "./ingester-switchable-proxy.ts";
import { wordsOfIds } from "./storage-fixture.ts";

const NOON_MS = Date.UTC(2026, 5, 1, 12);
const DAY = Math.floor(NOON_MS / 86_400_000);
const TENANT = "anonymous";
const PARTITIONS = 2;
const ACK_WAIT_MS = 3000;

let nats: TestServer;
let clickhouseServer: TestServer;
let clickhouse: ClickHouse;
let bus: Bus;
let hasher: SeriesHasher;
const pipelines: IngestPipeline[] = [];

function createTelemetry(): Telemetry {
  return { logger: createSilentLogger(), registry: new Registry() };
}

beforeAll(async () => {
  [nats, clickhouseServer, hasher] = await Promise.all([startNats(), startClickHouse(), createSeriesHasher()]);
  clickhouse = new ClickHouse({ url: clickhouseServer.url, database: "monotreme" });
  await migrateStorage(clickhouse, { logger: createSilentLogger() });
  bus = await connectBus({ url: nats.url, name: "test", ...createTelemetry() });
  await ensureStreams(bus, { samplesMaxBytes: 2 ** 30, deadletterMaxBytes: 2 ** 20, replicas: 1 });
});

afterEach(async () => {
  for (const pipeline of pipelines.splice(0)) await pipeline.close(AbortSignal.timeout(5000));
  await bus.manager.streams.purge(SAMPLES_STREAM);
});

afterAll(async () => {
  await bus?.close();
  await clickhouse?.close();
  await Promise.all([nats?.stop(), clickhouseServer?.stop()]);
});

async function startPipeline(
  telemetry: Telemetry = createTelemetry(),
  changes: { bus?: Bus; clickhouse?: ClickHouse; batchLinger?: number } = {},
): Promise<IngestPipeline> {
  const pipeline = await startIngestPipeline({
    bus,
    clickhouse,
    telemetry,
    partitions: PARTITIONS,
    streamReplicas: 1,
    batchMaxBytes: 2 ** 20,
    batchLinger: 100,
    maxKnownSeries: 10_000,
    ackWait: ACK_WAIT_MS,
    ...changes,
  });
  pipelines.push(pipeline);
  return pipeline;
}

const SAMPLES_A_MESSAGE = 200;

/** A message with 200 samples of one series, numbered so that no two messages share a sample. */
function message(metric: string, number: number): Uint8Array {
  const labels = Labels.fromObject({ __name__: metric, number: String(number % 7) });
  const ids = wordsOfIds(hasher.metricId(TENANT, metric), hasher.seriesId(TENANT, labels));
  const builder = new SampleBatchBuilder(TENANT);
  builder.announce(ids.metricIdLow, ids.metricIdHigh, ids.seriesIdLow, ids.seriesIdHigh, DAY, labels);
  builder.addMetadata({ metric, type: "gauge", help: "For a test.", unit: "" });
  const words = new Uint32Array(new Float64Array([number]).buffer);
  for (let i = 0; i < SAMPLES_A_MESSAGE; i++) {
    const timestampMs = NOON_MS + number * SAMPLES_A_MESSAGE + i;
    builder.addSample(
      ids.metricIdLow,
      ids.metricIdHigh,
      ids.seriesIdLow,
      ids.seriesIdHigh,
      timestampMs,
      words[0] ?? 0,
      words[1] ?? 0,
    );
  }
  return builder.encode();
}

async function publish(metric: string, from: number, until: number): Promise<void> {
  for (let number = from; number < until; number++) {
    await bus.jetstream.publish(samplesSubject(number % PARTITIONS), message(metric, number));
  }
}

/** Rows as they are stored, before any reader or merge takes repeats together. */
async function storedRows(metric: string): Promise<{ rows: number; distinct: number }> {
  const [row] = await clickhouse.queryRows(
    "SELECT toFloat64(count()) AS rows, toFloat64(uniqExact(ts)) AS distinct FROM samples WHERE metric_id = {id:UInt64}",
    { parameters: { id: hasher.metricId(TENANT, metric) } },
  );
  return { rows: Number(row?.["rows"]), distinct: Number(row?.["distinct"]) };
}

async function expectStored(metric: string, messages: number): Promise<void> {
  const samples = messages * SAMPLES_A_MESSAGE;
  await eventually(async () => expect(await storedRows(metric)).toEqual({ rows: samples, distinct: samples }), {
    timeoutMs: 30_000,
  });
}

async function waitingMessages(): Promise<number> {
  return (await bus.manager.streams.info(SAMPLES_STREAM)).state.messages;
}

async function expectStreamEmpty(timeoutMs = 15_000): Promise<void> {
  await eventually(async () => expect(await waitingMessages()).toBe(0), { timeoutMs });
}

/** Merges take equal rows together; the counts are to show what was inserted. */
async function stopMerges(): Promise<void> {
  await clickhouse.command("SYSTEM STOP MERGES samples");
}

/** A connection whose inserts into `samples` fail from some point on, as they do for a process that is killed there. */
class DyingClickHouse extends ClickHouse {
  readonly #dies: "before" | "after";
  #attempts = 0;

  constructor(dies: "before" | "after") {
    super({ url: clickhouseServer.url, database: "monotreme" });
    this.#dies = dies;
  }

  get attempts(): number {
    return this.#attempts;
  }

  override async insertNative(...args: Parameters<ClickHouse["insertNative"]>): Promise<void> {
    if (args[0] !== "samples") return super.insertNative(...args);
    if (this.#dies === "after") await super.insertNative(...args);
    this.#attempts++;
    throw new Error("killed");
  }
}

/**
 * Runs a pipeline until it dies at its first insert of samples, or where it dies with everything in place; its messages
 * stay unacknowledged.
 */
async function runUntilDeath(
  dies: "before" | "after",
  isOver: (dying: DyingClickHouse) => boolean | Promise<boolean> = (dying) => dying.attempts > 0,
): Promise<void> {
  const dying = new DyingClickHouse(dies);
  // So long that what is published before goes into one batch a partition.
  const pipeline = await startPipeline(createTelemetry(), { clickhouse: dying, batchLinger: 1000 });
  await eventually(() => isOver(dying), { timeoutMs: 30_000 });
  await pipeline.close(AbortSignal.abort(new Error("killed")));
  await dying.close();
}

async function counts(telemetry: Telemetry, name: string): Promise<Record<string, number>> {
  const metric = await telemetry.registry.getSingleMetric(name)?.get();
  return Object.fromEntries((metric?.values ?? []).map(({ labels, value }) => [Object.values(labels).join(), value]));
}

test("ingester - stores samples, series and metadata, and acknowledges them", async () => {
  const telemetry = createTelemetry();
  await startPipeline(telemetry);
  await publish("stored", 0, 20);
  await expectStored("stored", 20);
  await expectStreamEmpty();
  const found = await createSampleSource(clickhouse, TENANT).select({
    matchers: [new Matcher("=", "__name__", "stored")],
    afterMs: NOON_MS - 1,
    untilMs: NOON_MS + 86_400_000,
    stepMs: 0,
    functionName: "",
  });
  expect(found.map((series) => series.labels.get("number")).toSorted()).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
  const metadata = await createSeriesIndex(clickhouse, TENANT).metadata({ limit: 0, limitPerMetric: 0 });
  expect(metadata.get("stored")).toEqual([{ metric: "stored", type: "gauge", help: "For a test.", unit: "" }]);
  expect(await counts(telemetry, "monotreme_ingester_messages_total")).toEqual({
    stored: 20,
    repeated: 0,
    dead_letter: 0,
  });
  // Each of the two partitions writes what it meets; here, unlike a sender's, a series comes over both.
  expect(await counts(telemetry, "monotreme_ingester_rows_total")).toMatchObject({
    samples: 20 * SAMPLES_A_MESSAGE,
    series: 14,
    metadata: 2,
  });
});

test("ingester - a lone message is stored without others that fill its batch", async () => {
  await startPipeline();
  await publish("lone", 0, 1);
  await expectStored("lone", 1);
});

test("ingester - drains: what was pulled is stored and acknowledged when close returns", async () => {
  const pipeline = await startPipeline();
  await publish("drain", 0, 50);
  await pipeline.close(AbortSignal.timeout(10_000));
  const { rows } = await storedRows("drain");
  // The server takes an acknowledgement from its connection before it takes the message from its stream.
  await eventually(async () => expect((50 - (await waitingMessages())) * SAMPLES_A_MESSAGE).toBe(rows));
  await startPipeline();
  await expectStored("drain", 50);
  await expectStreamEmpty();
});

test("ingester - an unreadable message goes to the dead letters with why, and the others are stored", async () => {
  const telemetry = createTelemetry();
  await startPipeline(telemetry);
  await publish("poison", 0, 2);
  const { seq } = await bus.jetstream.publish(samplesSubject(0), new TextEncoder().encode("not a batch at all, no"));
  const cutShort = message("poison", 99).subarray(0, 400);
  await bus.jetstream.publish(samplesSubject(1), cutShort);
  await publish("poison", 2, 4);
  await expectStored("poison", 4);
  await expectStreamEmpty();
  const { state } = await bus.manager.streams.info(DEADLETTER_STREAM);
  expect(state.messages).toBe(2);
  // The two came over different partitions, so either letter may be the first.
  const letters = await Promise.all(
    [state.first_seq, state.last_seq].map((letterSeq) =>
      bus.manager.streams.getMessage(DEADLETTER_STREAM, { seq: letterSeq }),
    ),
  );
  const letter = letters.find((each) => each?.header.get(DEADLETTER_HEADERS.sequence) === String(seq));
  expect(letter?.header.get(DEADLETTER_HEADERS.reason)).toContain("wrong magic");
  expect(Buffer.from(letter?.data ?? []).toString()).toBe("not a batch at all, no");
  expect((await counts(telemetry, "monotreme_ingester_messages_total"))["dead_letter"]).toBe(2);
});

test("ingester - ClickHouse dies in the middle: everything is stored once", async () => {
  await stopMerges();
  const telemetry = createTelemetry();
  await startPipeline(telemetry);
  const publishing = publish("restart", 0, 300);
  await eventually(async () => (await storedRows("restart")).rows > 0);
  const pid = clickhouseServer.pid ?? 0;
  process.kill(pid, "SIGKILL");
  await publishing;
  await eventually(() => clickhouse.ping(), { timeoutMs: 30_000 });
  await stopMerges();
  await expectStored("restart", 300);
  await expectStreamEmpty();
  const failures = await counts(telemetry, "monotreme_ingester_insert_failures_total");
  expect(Object.values(failures).reduce((sum, count) => sum + count)).toBeGreaterThan(0);
});

test("ingester - while ClickHouse is away for longer than the acknowledgement wait nothing is stored twice", async () => {
  await stopMerges();
  const telemetry = createTelemetry();
  // A port on which nothing listens stands for a server that is away; then the same pipeline finds it.
  const proxy = await startSwitchableProxy(clickhouseServer.port);
  const url = new URL(clickhouseServer.url);
  url.port = String(proxy.port);
  const throughProxy = new ClickHouse({ url: url.href, database: "monotreme" });
  proxy.cut();
  await startPipeline(telemetry, { clickhouse: throughProxy });
  await publish("away", 0, 40);
  await new Promise((resolve) => setTimeout(resolve, ACK_WAIT_MS * 2));
  expect((await storedRows("away")).rows).toBe(0);
  proxy.join();
  await expectStored("away", 40);
  await expectStreamEmpty();
  for (const pipeline of pipelines.splice(0)) await pipeline.close(AbortSignal.timeout(5000));
  await throughProxy.close();
  await proxy.close();
});

test("ingester - killed between insert and acknowledgement: the batch is put together again and not stored twice", async () => {
  await stopMerges();
  await publish("unacknowledged", 0, 30);
  await runUntilDeath("after");
  const { rows } = await storedRows("unacknowledged");
  expect(rows).toBeGreaterThan(0);
  expect(await waitingMessages()).toBe(30);
  const telemetry = createTelemetry();
  await startPipeline(telemetry);
  await expectStored("unacknowledged", 30);
  await expectStreamEmpty();
  await expectStored("unacknowledged", 30);
  const recoveries = await counts(telemetry, "monotreme_ingester_plan_recoveries_total");
  expect(recoveries["inserted_again"]).toBeGreaterThan(0);
});

test("ingester - killed before the insert: the next run stores the batch", async () => {
  await stopMerges();
  await publish("planned", 0, 30);
  await runUntilDeath("before");
  expect((await storedRows("planned")).rows).toBe(0);
  await startPipeline();
  await expectStored("planned", 30);
  await expectStreamEmpty();
});

test("ingester - killed between two acknowledgements: the rest of the batch is only acknowledged", async () => {
  await stopMerges();
  await publish("half", 0, 10);
  const { first_seq: first } = (await bus.manager.streams.info(SAMPLES_STREAM)).state;
  await runUntilDeath("after", async () => (await storedRows("half")).rows === 10 * SAMPLES_A_MESSAGE);
  // Acknowledging takes a message out of the stream; so does this.
  await bus.manager.streams.deleteMessage(SAMPLES_STREAM, first);
  await bus.manager.streams.deleteMessage(SAMPLES_STREAM, first + 1);
  const telemetry = createTelemetry();
  await startPipeline(telemetry);
  await expectStreamEmpty();
  await expectStored("half", 10);
  expect(await counts(telemetry, "monotreme_ingester_rows_total")).toMatchObject({ samples: 0 });
  expect((await counts(telemetry, "monotreme_ingester_plan_recoveries_total"))["already_stored"]).toBeGreaterThan(0);
});

test("ingester - a message published twice under one id is stored once", async () => {
  await stopMerges();
  await startPipeline();
  for (let i = 0; i < 2; i++) {
    await bus.jetstream.publish(samplesSubject(0), message("twice", 0), { msgID: "twice/0" });
  }
  await expectStored("twice", 1);
  await expectStreamEmpty();
});

test("ingester - histograms, exemplars and start timestamps are stored once, also after a crash between tables", async () => {
  const labels = Labels.fromObject({ __name__: "latency" });
  const ids = wordsOfIds(hasher.metricId(TENANT, "latency"), hasher.seriesId(TENANT, labels));
  const { metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh } = ids;
  const builder = new SampleBatchBuilder(TENANT);
  builder.announce(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, DAY, labels);
  for (let i = 0; i < 10; i++) {
    builder.addHistogram(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, NOON_MS + i, {
      schema: 2,
      counterResetHint: "unknown",
      zeroThreshold: 0,
      zeroCount: 0,
      count: i,
      sum: i / 2,
      positiveOffset: 1,
      positiveBuckets: [i],
      negativeOffset: 0,
      negativeBuckets: [],
      customBounds: [],
    });
    builder.addStart(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, NOON_MS + i, NOON_MS - 1000);
  }
  builder.addExemplar({ ...ids, timestampMs: NOON_MS, value: 1, labels: Labels.fromObject({ trace_id: "x" }) });
  builder.addSample(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, NOON_MS + 100, 0, 0);
  for (const table of ["histograms", "exemplars", "starts"]) await clickhouse.command(`SYSTEM STOP MERGES ${table}`);
  await bus.jetstream.publish(samplesSubject(0), builder.encode());
  // The samples fail once, after the other tables have their rows: all are inserted again with the same tokens.
  await runUntilDeath("before");
  await startPipeline();
  await expectStreamEmpty();
  const source = createSampleSource(clickhouse, TENANT, { startTimestamps: true });
  const request = { afterMs: NOON_MS - 1, untilMs: NOON_MS + 1000, stepMs: 0, functionName: "" };
  const [series] = await source.select({ ...request, matchers: [new Matcher("=", "__name__", "latency")] });
  expect(series?.histograms?.map((histogram) => histogram?.count)).toEqual([...Array(10).keys(), undefined]);
  expect(series?.startTimestamps?.[9]).toBe(NOON_MS - 1000);
  const rows = await clickhouse.queryRows(
    `SELECT (SELECT count() FROM histograms) AS histograms, (SELECT count() FROM starts) AS starts,
      (SELECT count() FROM exemplars) AS exemplars`,
  );
  expect(rows).toEqual([{ histograms: "10", starts: "10", exemplars: "1" }]);
});
