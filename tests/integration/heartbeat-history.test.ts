import { randomBytes, randomUUID } from "node:crypto";
import { type Bus, connectBus, ensurePingStream, ensureStreams } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import {
  DEADLETTER_STREAM,
  encodePingRecord,
  PACKED_FLIPS_SUBJECT,
  PACKED_PINGS_SUBJECT,
  packMessages,
  PINGS_STREAM,
  type PingRecord,
  pingsSubject,
} from "@monotreme/contracts";
import { AppError } from "@monotreme/errors";
import {
  createHeartbeatMetrics,
  createRecordSender,
  type FlipRecord,
  HistoryFlips,
  type HistoryReader,
  openHistory,
  PingLog,
} from "@monotreme/heartbeat";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { eventually, startClickHouse, startNats, type TestServer } from "@monotreme/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

let nats: TestServer;
let server: TestServer;
let bus: Bus;
let clickhouse: ClickHouse;
let reader: HistoryReader;
const logs: PingLog[] = [];

const NOW = Date.now();

beforeAll(async () => {
  [nats, server] = await Promise.all([startNats(), startClickHouse()]);
  bus = await connectBus({ url: nats.url, name: "test", logger: createSilentLogger(), registry: new Registry() });
  clickhouse = new ClickHouse({ url: server.url, database: "heartbeat_history" });
  await ensureStreams(bus, { samplesMaxBytes: 2 ** 20, deadletterMaxBytes: 2 ** 20, replicas: 1 });
  await ensurePingStream(bus, 1);
});

beforeEach(() => {
  reader = openHistory(bus, clickhouse);
});

afterEach(async () => {
  await Promise.all(logs.splice(0).map(async (log) => log.close()));
});

afterAll(async () => {
  await bus?.close();
  await clickhouse?.close();
  await Promise.all([nats?.stop(), server?.stop()]);
});

function startLog(): void {
  const logger = createSilentLogger();
  const metrics = createHeartbeatMetrics(new Registry());
  logs.push(new PingLog({ bus, clickhouse, retentionMs: 365 * 86_400_000, metrics, logger }));
}

function pingOf(checkId: string, number: number, fields: Partial<PingRecord> = {}): PingRecord {
  return {
    checkId,
    project: "p",
    number,
    atMs: NOW + number,
    type: "success",
    scheme: "http",
    remoteAddress: "127.0.0.1",
    method: "POST",
    userAgent: "curl/8",
    body: new Uint8Array(),
    ...fields,
  };
}

async function publish(ping: PingRecord): Promise<void> {
  await bus.jetstream.publish(pingsSubject(ping.checkId), encodePingRecord(ping));
}

/** Nothing waits in the stream any more. */
async function written(): Promise<void> {
  await eventually(async () => expect((await bus.manager.streams.info(PINGS_STREAM)).state.messages).toBe(0), {
    timeoutMs: 30_000,
  });
}

test("history - a ping is listed and read as soon as it is acknowledged, and the same once it is stored", async () => {
  const id = randomUUID();
  const bodies = [Buffer.from("größer\n\0€"), randomBytes(50_000), Buffer.from(""), Buffer.from("\xff\xfe", "latin1")];
  for (const [i, body] of bodies.entries()) {
    await publish(pingOf(id, i + 1, { body, exitStatus: i, runId: randomUUID(), durationMs: 1500 + i }));
  }
  await publish(pingOf(randomUUID(), 7));
  // The first reader of all makes no tables, so the log comes first where nothing is there yet.
  startLog();
  const read = async () => {
    const pings = await reader.pings(id, 3);
    const found = await Promise.all(bodies.map(async (_, i) => reader.body(id, i + 1)));
    expect(found.map((body) => Buffer.from(body ?? "missing"))).toEqual(bodies);
    expect(await reader.body(id, 9)).toBeUndefined();
    return pings;
  };
  const before = await eventually(read);
  expect(before.map(({ number, bodyBytes, exitStatus }) => [number, bodyBytes, exitStatus])).toEqual([
    [4, 2, 3],
    [3, 0, 2],
    [2, 50_000, 1],
  ]);
  await written();
  expect(await read()).toEqual(before);
});

test("history - pings that are delivered again are there once", async () => {
  const id = randomUUID();
  for (let time = 0; time < 3; time++) {
    startLog();
    for (let n = 1; n <= 5; n++) await publish(pingOf(id, n));
    await written();
    await Promise.all(logs.splice(0).map(async (log) => log.close()));
  }
  expect((await reader.pings(id, 100)).map(({ number }) => number)).toEqual([5, 4, 3, 2, 1]);
});

test("history - pings that come at once share a message, and each is listed before and after it is stored", async () => {
  const ids = [randomUUID(), randomUUID()];
  const sender = createRecordSender(bus, PACKED_PINGS_SUBJECT);
  const pings = ids.flatMap((id) => [1, 2, 3].map((n) => pingOf(id, n, { body: Buffer.from(`${id} ${n}`) })));
  const before = (await bus.manager.streams.info(PINGS_STREAM)).state.last_seq;
  await Promise.all(
    pings.map(async (ping) =>
      sender.send({ subject: pingsSubject(ping.checkId), data: encodePingRecord(ping), messageId: "" }),
    ),
  );
  expect((await bus.manager.streams.info(PINGS_STREAM)).state.last_seq).toBe(before + 1);
  const read = async () => {
    for (const id of ids) {
      expect((await reader.pings(id, 10)).map(({ number }) => number)).toEqual([3, 2, 1]);
      expect(Buffer.from((await reader.body(id, 2)) ?? []).toString()).toBe(`${id} 2`);
    }
  };
  await read();
  await bus.publisher.publish(
    PACKED_PINGS_SUBJECT,
    packMessages([
      { subject: pingsSubject("x"), data: Buffer.from("not a ping") },
      { subject: pingsSubject(ids[0] ?? ""), data: encodePingRecord(pingOf(ids[0] ?? "", 4)) },
    ]),
  );
  const dead = (await bus.manager.streams.info(DEADLETTER_STREAM)).state.messages;
  startLog();
  await written();
  expect((await reader.pings(ids[0] ?? "", 10)).map(({ number }) => number)).toEqual([4, 3, 2, 1]);
  expect((await reader.pings(ids[1] ?? "", 10)).map(({ number }) => number)).toEqual([3, 2, 1]);
  expect((await bus.manager.streams.info(DEADLETTER_STREAM)).state.messages).toBe(dead + 1);
});

test("history - while ClickHouse is away pings wait, and none is missing when it is back", async () => {
  const id = randomUUID();
  startLog();
  await publish(pingOf(id, 1));
  await written();
  await server.kill();
  for (let n = 2; n <= 500; n++) await publish(pingOf(id, n, { body: Buffer.from(`body ${n}`) }));
  await expect(reader.pings(id, 10)).rejects.toMatchObject({ kind: "unavailable" });
  await server.restart();
  await written();
  const pings = await reader.pings(id, 1000);
  expect(pings.map(({ number }) => number)).toEqual(Array.from({ length: 500 }, (_, i) => 500 - i));
  expect(Buffer.from((await reader.body(id, 400)) ?? []).toString()).toBe("body 400");
});

test("history - flips of a time, once each, and an unreadable message put aside", async () => {
  const id = randomUUID();
  const flips = new HistoryFlips(createRecordSender(bus, PACKED_FLIPS_SUBJECT));
  const check = { definition: { id, project: "p" } };
  const dead = (await bus.manager.streams.info(DEADLETTER_STREAM)).state.messages;
  startLog();
  await bus.jetstream.publish(pingsSubject(id), "not a ping");
  for (let repeat = 0; repeat < 2; repeat++) {
    await flips.take(check, { atMs: NOW, from: "new", to: "up", reason: "", isNotified: false });
    await flips.take(check, { atMs: NOW + 5000, from: "up", to: "down", reason: "timeout", isNotified: true });
  }
  const seen = (records: readonly FlipRecord[]) => records.map(({ atMs, to, reason }) => [atMs - NOW, to, reason]);
  const expected = [
    [5000, "down", "timeout"],
    [0, "up", ""],
  ];
  expect(seen(await reader.flips(id, { fromMs: NOW, toMs: NOW + 5000 }))).toEqual(expected);
  await written();
  expect(seen(await reader.flips(id, { fromMs: NOW, toMs: NOW + 5000 }))).toEqual(expected);
  expect(seen(await reader.flips(id, { fromMs: NOW + 1, toMs: NOW + 5000 }))).toEqual(expected.slice(0, 1));
  expect((await bus.manager.streams.info(DEADLETTER_STREAM)).state.messages).toBe(dead + 1);
});

test("history - without ClickHouse it says so", async () => {
  const without = openHistory(bus, undefined);
  const fault = await without.pings(randomUUID(), 1).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(AppError);
  expect(fault).toMatchObject({ code: "HEARTBEAT_HISTORY_OFF", kind: "unavailable" });
});
