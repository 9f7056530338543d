import { randomUUID } from "node:crypto";
import { type Bus, connectBus, ensureAlertStreams, openVersionedBucket } from "@monotreme/bus";
import { type AlertEventsMessage, ALERTS_STREAM, CHECKS_BUCKET } from "@monotreme/contracts";
import { NEW_CHECK, type StoredCheck } from "@monotreme/heartbeat";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import {
  createTemporaryFolder,
  eventually,
  startNats,
  startProgram,
  startRedis,
  type TestProgram,
} from "@monotreme/testkit";
import { usageOfTree } from "../ingest/process-tree.ts";

const CHECKS = 10_000;
const BATCH = 500;
const LEAD_MS = 10_000;
const PERIOD_MS = 3_600_000;

/**
 * `npm run bench -- heartbeat-storm [kill]`: 10,000 deadlines at one moment; with `kill` the process and Redis are killed
 * right after the first alert. Prints how late the alerts are in the stream of the alertmanager.
 */
export async function runDeadlineStorm([mode = ""]: readonly string[]): Promise<number> {
  const [nats, redis, folder] = await Promise.all([startNats(), startRedis(), createTemporaryFolder("storm")]);
  const { logger, registry } = { logger: createSilentLogger(), registry: new Registry() };
  const bus = await connectBus({ url: nats.url, name: "bench", logger, registry });
  await ensureAlertStreams(bus, 1);
  const start = async (): Promise<TestProgram> =>
    startProgram(
      "node",
      [
        "tools/monotreme.mjs",
        "heartbeat",
        `--nats.url=${nats.url}`,
        `--redis.url=${redis.url}`,
        "--web.listen-address=127.0.0.1:0",
        `--storage.path=${folder.path}`,
        "--log.format=json",
      ],
      { readyPattern: /"msg":"ready"/, startTimeoutMs: 60_000 },
    );
  let program = await start();
  try {
    const dueMs = Date.now() + LEAD_MS;
    await arm(bus, dueMs);
    let readyMs = dueMs;
    if (mode === "kill") {
      await eventually(async () => (await messagesOf(bus)) > 0, { timeoutMs: 2 * LEAD_MS, intervalMs: 5 });
      await Promise.all([program.stop("SIGKILL"), redis.kill()]);
      await redis.restart();
      program = await start();
      readyMs = Date.now();
    }
    await eventually(async () => (await alertTimes(bus)).length >= CHECKS, { timeoutMs: 90_000, intervalMs: 2000 });
    const times = await alertTimes(bus);
    console.log(`from the deadline: ${spread(times.map((atMs) => atMs - dueMs))}`);
    if (mode === "kill") console.log(`from ready: ${spread(times.map((atMs) => atMs - readyMs))}`);
    console.log(`processor of heartbeat: ${usageOfTree(program.pid ?? 0).cpuSeconds.toFixed(1)} s`);
    return 0;
  } finally {
    await program.stop();
    await bus.close();
    await Promise.all([nats.stop(), redis.stop(), folder.remove()]);
  }
}

async function arm(bus: Bus, dueMs: number): Promise<void> {
  const bucket = await openVersionedBucket(bus, CHECKS_BUCKET, 1);
  for (let from = 0; from < CHECKS; from += BATCH) {
    await Promise.all(
      Array.from({ length: BATCH }, async (_, i) => {
        const check = checkDueAt(dueMs, from + i);
        return bucket.put(check.definition.id, Buffer.from(JSON.stringify(check)), 0);
      }),
    );
  }
  console.log(`armed, ${dueMs - Date.now()} ms before the deadline`);
}

async function messagesOf(bus: Bus): Promise<number> {
  return (await bus.manager.streams.info(ALERTS_STREAM)).state.messages;
}

/** When each check's first alert was in the stream. */
async function alertTimes(bus: Bus): Promise<number[]> {
  const { first_seq: first, last_seq: last } = (await bus.manager.streams.info(ALERTS_STREAM)).state;
  const told = new Map<string, number>();
  for (let seq = first; seq <= last; seq++) {
    const message = await bus.manager.streams.getMessage(ALERTS_STREAM, { seq });
    for (const { labels } of message?.json<AlertEventsMessage>().alerts ?? []) {
      const key = labels["unique_key"] ?? "";
      if (!told.has(key)) told.set(key, message?.time.getTime() ?? 0);
    }
  }
  return [...told.values()];
}

function spread(lateMs: readonly number[]): string {
  const sorted = lateMs.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  return `${sorted.length} alerts, first ${at(0)}, half within ${at(0.5)}, 99 % within ${at(0.99)}, last ${at(1)} ms`;
}

function checkDueAt(dueMs: number, i: number): StoredCheck {
  return {
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
  };
}
