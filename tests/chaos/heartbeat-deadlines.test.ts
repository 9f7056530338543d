import { randomUUID } from "node:crypto";
import { type Bus, connectBus, ensureAlertStreams, openVersionedBucket, type VersionedBucket } from "@monotreme/bus";
import { type AlertEventsMessage, ALERTS_STREAM, CHECKS_BUCKET, EVENTS_STREAM } from "@monotreme/contracts";
import { NEW_CHECK, type StoredCheck } from "@monotreme/heartbeat";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { eventually, startNats, startRedis, type TestServer } from "@monotreme/testkit";
import { DeliverPolicy } from "@nats-io/jetstream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HeartbeatProcess } from "./heartbeat-process.ts";

const CHECKS = 10_000;
const BATCH = 500;
const PERIOD_MS = 3_600_000;

interface SeenFlip {
  readonly check: string;
  readonly atMs: number;
  readonly reason: string;
}

/** 10,000 checks whose deadlines come at one moment, while the process and Redis are killed before, at and after it. */
describe("deadlines while heartbeats and Redis are killed", () => {
  let nats: TestServer;
  let redis: TestServer;
  let bus: Bus;
  let bucket: VersionedBucket;
  let heartbeat: HeartbeatProcess;

  beforeEach(async () => {
    [nats, redis] = await Promise.all([startNats(), startRedis()]);
    bus = await connectBus({ url: nats.url, name: "test", logger: createSilentLogger(), registry: new Registry() });
    await ensureAlertStreams(bus, 1);
    bucket = await openVersionedBucket(bus, CHECKS_BUCKET, 1);
    heartbeat = await HeartbeatProcess.start({ natsUrl: nats.url, redisUrl: redis.url });
  });

  afterEach(async () => {
    await heartbeat?.stop();
    await bus?.close();
    await Promise.all([nats?.stop(), redis?.stop()]);
  });

  const checkDueAt = (dueMs: number, i: number): StoredCheck => ({
    definition: {
      id: randomUUID(),
      project: "p",
      name: `check ${i}`,
      slug: `check-${i}`,
      tags: [],
      description: "",
      schedule: { kind: "simple", periodMs: PERIOD_MS },
      graceMs: PERIOD_MS,
      manualResume: false,
      postOnly: false,
      filters: {
        startKeywords: [],
        successKeywords: [],
        failureKeywords: [],
        subject: false,
        body: false,
        httpBody: false,
        defaultFail: false,
      },
      channels: [],
    },
    state: { ...NEW_CHECK, status: "up", pingCount: 1, lastPingMs: dueMs - 2 * PERIOD_MS },
    origin: "api",
    badgeKey: randomUUID(),
    createdMs: dueMs,
    unsentFlips: [],
  });

  const arm = async (dueMs: number): Promise<ReadonlySet<string>> => {
    const checks = Array.from({ length: CHECKS }, (_, i) => checkDueAt(dueMs, i));
    for (let from = 0; from < CHECKS; from += BATCH) {
      const batch = checks.slice(from, from + BATCH);
      await Promise.all(
        batch.map(async (check) => bucket.put(check.definition.id, Buffer.from(JSON.stringify(check)), 0)),
      );
    }
    return new Set(checks.map(({ definition }) => definition.id));
  };

  const messagesOf = async (stream: string): Promise<number> => (await bus.manager.streams.info(stream)).state.messages;

  const flips = async (): Promise<SeenFlip[]> => {
    const count = await messagesOf(EVENTS_STREAM);
    const seen: SeenFlip[] = [];
    const consumer = await bus.jetstream.consumers.get(EVENTS_STREAM, { deliver_policy: DeliverPolicy.All });
    for await (const message of await consumer.consume()) {
      seen.push(message.json<SeenFlip>());
      if (seen.length >= count) break;
    }
    return seen;
  };

  const until = async (atMs: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, Math.max(0, atMs - Date.now())));

  /** When the alertmanager could first know of each check, by its key. */
  const firstAlerts = async (): Promise<ReadonlyMap<string, number>> => {
    const { first_seq: first, last_seq: last } = (await bus.manager.streams.info(ALERTS_STREAM)).state;
    const told = new Map<string, number>();
    for (let seq = first; seq <= last; seq++) {
      const message = await bus.manager.streams.getMessage(ALERTS_STREAM, { seq });
      for (const { labels } of message?.json<AlertEventsMessage>().alerts ?? []) {
        const key = labels["unique_key"] ?? "";
        if (!told.has(key)) told.set(key, message?.time.getTime() ?? 0);
      }
    }
    return told;
  };

  /** Every check flips once, at its very deadline, and the alertmanager knows of each. */
  const expectAllOnce = async (ids: ReadonlySet<string>, dueMs: number, what: string): Promise<void> => {
    await eventually(async () => (await messagesOf(EVENTS_STREAM)) >= CHECKS, { timeoutMs: 90_000, intervalMs: 250 });
    const seen = await flips();
    expect(new Set(seen.map(({ check }) => check))).toEqual(ids);
    expect(seen).toHaveLength(CHECKS);
    expect(new Set(seen.map(({ atMs, reason }) => `${reason} ${atMs}`))).toEqual(new Set([`timeout ${dueMs}`]));
    const alerts = await firstAlerts();
    expect(alerts.size).toBe(CHECKS);
    const lateMs = [...alerts.values()].map((toldMs) => toldMs - dueMs).toSorted((a, b) => a - b);
    process.stdout.write(
      `${what}: ${CHECKS} alerts ${lateMs[0]} to ${lateMs.at(-1)} ms after the deadline, half within ${lateMs[CHECKS / 2]} ms\n`,
    );
  };

  test("heartbeat - both are killed and back before the deadlines: each fires once", async () => {
    const dueMs = Date.now() + 40_000;
    const ids = await arm(dueMs);
    await heartbeat.kill();
    await redis.kill();
    await redis.restart();
    await heartbeat.restart();
    await redis.kill();
    await redis.restart();
    await expectAllOnce(ids, dueMs, "killed before");
  });

  test("heartbeat - both are killed in the middle of the deadlines: each fires once", async () => {
    const dueMs = Date.now() + 15_000;
    const ids = await arm(dueMs);
    await until(dueMs);
    await eventually(async () => (await messagesOf(ALERTS_STREAM)) > 0, { timeoutMs: 30_000, intervalMs: 10 });
    await Promise.all([heartbeat.kill(), redis.kill()]);
    const told = (await firstAlerts()).size;
    const downMs = Date.now();
    await redis.restart();
    await heartbeat.restart();
    await expectAllOnce(ids, dueMs, `killed after ${told} alerts, back after ${Date.now() - downMs} ms`);
  });
});
