import { randomUUID } from "node:crypto";
import { type Bus, connectBus } from "@monotreme/bus";
import {
  createHeartbeatMetrics,
  type HeartbeatCore,
  NEW_CHECK,
  startHeartbeatCore,
  type StoredCheck,
} from "@monotreme/heartbeat";
import { createSilentLogger, Registry, type Telemetry } from "@monotreme/telemetry";
import { eventually, startNats, startRedis, type TestServer } from "@monotreme/testkit";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

const CHECKS = 2000;
/** When the deadlines of a test lie, after its checks are there. */
const LEAD_MS = 4000;

let nats: TestServer;
let redis: TestServer;
let bus: Bus;
const cores: HeartbeatCore[] = [];

beforeAll(async () => {
  [nats, redis] = await Promise.all([startNats(), startRedis()]);
  const { logger, registry } = telemetry();
  bus = await connectBus({ url: nats.url, name: "test", logger, registry });
});

afterEach(async () => {
  await Promise.all(cores.splice(0).map(async (core) => core.close()));
});

afterAll(async () => {
  await bus?.close();
  await Promise.all([nats?.stop(), redis?.stop()]);
});

function telemetry(): Telemetry {
  return { logger: createSilentLogger(), registry: new Registry() };
}

interface Fired {
  readonly checkId: string;
  readonly atMs: number;
  readonly noticedMs: number;
}

async function start(fired: Fired[]): Promise<HeartbeatCore> {
  const { logger, registry } = telemetry();
  const core = await startHeartbeatCore({
    bus,
    redisUrl: redis.url,
    streamReplicas: 1,
    bodyLimitBytes: 100_000,
    telemetry: { logger, registry },
    metrics: createHeartbeatMetrics(registry),
    now: Date.now,
    listeners: [
      {
        name: "events",
        isUrgent: true,
        take: async (check, flip) => {
          if (flip.reason === "timeout") {
            fired.push({ checkId: check.definition.id, atMs: flip.atMs, noticedMs: Date.now() });
          }
        },
      },
    ],
  });
  cores.push(core);
  return core;
}

/** Checks that are up, whose deadline is at the given moment. */
function checksDueAt(dueMs: number, count: number): StoredCheck[] {
  const graceMs = 60_000;
  const periodMs = 60_000;
  return Array.from({ length: count }, (_, i) => ({
    definition: {
      id: randomUUID(),
      project: "p",
      name: `check ${i}`,
      slug: `check-${i}`,
      tags: [],
      description: "",
      schedule: { kind: "simple", periodMs },
      graceMs,
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
    state: { ...NEW_CHECK, status: "up", pingCount: 1, lastPingMs: dueMs - graceMs - periodMs },
    origin: "api",
    badgeKey: randomUUID(),
    createdMs: dueMs,
    unsentFlips: [],
  }));
}

async function create(core: HeartbeatCore, checks: readonly StoredCheck[]): Promise<void> {
  await Promise.all(checks.map(async (check) => core.store.create(check)));
}

/** Every deadline is noticed, in the check and by whoever is told, at its very moment. */
async function expectFired(
  core: HeartbeatCore,
  fired: readonly Fired[],
  checks: readonly StoredCheck[],
  dueMs: number,
) {
  await eventually(() => expect(new Set(fired.map(({ checkId }) => checkId)).size).toBe(checks.length), {
    timeoutMs: 30_000,
  });
  for (const { definition } of checks) {
    expect(core.store.get(definition.id)?.state.status).toBe("down");
  }
  expect(new Set(fired.map(({ atMs }) => atMs))).toEqual(new Set([dueMs]));
  await eventually(() => expect([...core.store.all()].flatMap(({ unsentFlips }) => unsentFlips)).toEqual([]));
}

test("deadlines - a check goes down at its deadline, and a ping in time moves it", async () => {
  const fired: Fired[] = [];
  const core = await start(fired);
  const dueMs = Date.now() + 1500;
  const [late, pinged] = checksDueAt(dueMs, 2);
  if (late === undefined || pinged === undefined) throw new Error("two checks are needed");
  await create(core, [late, pinged]);
  await core.recorder.record(pinged.definition.id, {
    action: "success",
    scheme: "http",
    remoteAddress: "127.0.0.1",
    method: "GET",
    userAgent: "",
    runId: undefined,
    exitStatus: undefined,
    body: new Uint8Array(),
  });
  await expectFired(core, fired, [late], dueMs);
  expect(core.store.get(pinged.definition.id)?.state.status).toBe("up");
});

test("deadlines - Redis is killed with everything in it before they come due: each fires once", async () => {
  const fired: Fired[] = [];
  const core = await start(fired);
  const dueMs = Date.now() + LEAD_MS;
  const checks = checksDueAt(dueMs, CHECKS);
  await create(core, checks);
  await redis.kill();
  await redis.restart();
  await expectFired(core, fired, checks, dueMs);
  expect(fired).toHaveLength(checks.length);
});

test("deadlines - Redis forgets everything without being killed: each fires once", async () => {
  const fired: Fired[] = [];
  const core = await start(fired);
  const dueMs = Date.now() + LEAD_MS;
  const checks = checksDueAt(dueMs, 200);
  await create(core, checks);
  const client = new Redis(redis.url);
  await client.flushall();
  client.disconnect();
  await expectFired(core, fired, checks, dueMs);
  expect(fired).toHaveLength(checks.length);
});

test("deadlines - a replica ends before they come due: another notices each once", async () => {
  const fired: Fired[] = [];
  const first = await start(fired);
  const second = await start(fired);
  const dueMs = Date.now() + LEAD_MS;
  const checks = checksDueAt(dueMs, 200);
  await create(first, checks);
  cores.splice(cores.indexOf(first), 1);
  await first.close();
  await expectFired(second, fired, checks, dueMs);
});

test("deadlines - what came due while nobody was there is noticed at the start, at its own moment", async () => {
  const fired: Fired[] = [];
  const before = await start([]);
  const dueMs = Date.now() + 1000;
  const checks = checksDueAt(dueMs, 100);
  await create(before, checks);
  cores.splice(cores.indexOf(before), 1);
  await before.close();
  await new Promise((resolve) => setTimeout(resolve, dueMs - Date.now() + 200));
  await expectFired(await start(fired), fired, checks, dueMs);
  expect(fired).toHaveLength(checks.length);
});
