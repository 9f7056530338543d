import { randomUUID } from "node:crypto";
import { loadavg } from "node:os";
import { connectBus, openVersionedBucket } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import { CHECKS_BUCKET, PINGS_STREAM } from "@monotreme/contracts";
import { NEW_CHECK, type StoredCheck } from "@monotreme/heartbeat";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import {
  createTemporaryFolder,
  eventually,
  startClickHouse,
  startNats,
  startProgram,
  startRedis,
} from "@monotreme/testkit";
import { usageOfTree } from "../ingest/process-tree.ts";
import { type PingLoadResult, sendPings } from "./ping-load.ts";

const DATABASE = "monotreme";
const CHECKS = 1000;
const PER_SECOND = 2000;
const WARM_UP_SECONDS = 5;
const SECONDS = 20;
const PERIOD_MS = 3_600_000;

/**
 * `npm run bench -- heartbeat [flags of heartbeat]`: 2,000 pings a second for 20 s to 1,000 checks, over real NATS,
 * Redis and ClickHouse, the sender on the same machine; what was answered with 200 must be counted and stored.
 */
export async function runHeartbeatBench(extraFlags: readonly string[]): Promise<number> {
  const [nats, redis, server] = await Promise.all([startNats(), startRedis(), startClickHouse()]);
  const folder = await createTemporaryFolder("heartbeat-bench");
  const bus = await connectBus({
    url: nats.url,
    name: "bench",
    logger: createSilentLogger(),
    registry: new Registry(),
  });
  const clickhouse = new ClickHouse({ url: server.url, database: DATABASE });
  const bucket = await openVersionedBucket(bus, CHECKS_BUCKET, 1);
  const checks = Array.from({ length: CHECKS }, (_, i) => checkOf(i));
  for (const check of checks) await bucket.put(check.definition.id, Buffer.from(JSON.stringify(check)), 0);
  const flags = [
    `--nats.url=${nats.url}`,
    `--redis.url=${redis.url}`,
    `--clickhouse.url=${server.url}`,
    `--clickhouse.database=${DATABASE}`,
    "--web.listen-address=127.0.0.1:0",
    `--storage.path=${folder.path}`,
    "--log.format=json",
  ];
  const program = await startProgram("node", ["tools/monotreme.mjs", "heartbeat", ...flags, ...extraFlags], {
    readyPattern: /"msg":"ready"/,
    startTimeoutMs: 60_000,
  });
  try {
    const baseUrl = /"address":"(http:[^"]+)"[^\n]*"msg":"ready"/.exec(program.output())?.[1] ?? "";
    const ids = checks.map(({ definition }) => definition.id);
    const warmUp = await sendPings({ baseUrl, ids, perSecond: PER_SECOND, seconds: WARM_UP_SECONDS });
    const pids = { heartbeat: program.pid, sender: process.pid, NATS: nats.pid, ClickHouse: server.pid };
    const before = secondsOf(pids);
    const result = await sendPings({ baseUrl, ids, perSecond: PER_SECOND, seconds: SECONDS });
    const after = secondsOf(pids);
    print(result, usageOfTree(program.pid ?? 0).residentBytes);
    const used = [...after].map(([name, seconds]) => `${name} ${(seconds - (before.get(name) ?? 0)).toFixed(1)} s`);
    console.log(`processor: ${used.join(", ")}`);
    const answered = okOf(warmUp) + okOf(result);
    await eventually(async () => (await bus.manager.streams.info(PINGS_STREAM)).state.messages === 0, {
      timeoutMs: 60_000,
    });
    const [row] = await clickhouse.queryRows("SELECT count() AS pings FROM heartbeat_pings FINAL");
    const stored = Number(row?.["pings"]);
    let counted = 0;
    for (const id of ids) {
      const entry = await bucket.get(id);
      if (entry?.value === undefined) throw new Error(`the check ${id} is gone`);
      const { state }: StoredCheck = JSON.parse(Buffer.from(entry.value).toString("utf8"));
      counted += state.pingCount;
    }
    console.log(`answered with 200: ${answered}, counted in checks: ${counted}, stored in ClickHouse: ${stored}`);
    return stored >= answered && counted >= answered ? 0 : 1;
  } finally {
    await program.stop();
    await bus.close();
    await clickhouse.close();
    await Promise.all([nats.stop(), redis.stop(), server.stop(), folder.remove()]);
  }
}

/** Processor time so far, the sender's without that of the servers that it started. */
function secondsOf(pids: Readonly<Record<string, number | undefined>>): Map<string, number> {
  const own = process.cpuUsage();
  return new Map(
    Object.entries(pids).map(([name, pid]) => [
      name,
      pid === process.pid ? (own.user + own.system) / 1e6 : usageOfTree(pid ?? 0).cpuSeconds,
    ]),
  );
}

function print({ latenciesMs, statuses, tookMs }: PingLoadResult, residentBytes: number): void {
  const at = (share: number): string => (latenciesMs[Math.floor((latenciesMs.length - 1) * share)] ?? 0).toFixed(1);
  const rate = Math.round(latenciesMs.length / (tookMs / 1000));
  const load = loadavg()[0]?.toFixed(1) ?? "?";
  console.log(`${latenciesMs.length} pings, ${rate}/s; statuses ${JSON.stringify(Object.fromEntries(statuses))}`);
  console.log(`p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`);
  console.log(`heartbeat: ${Math.round(residentBytes / 2 ** 20)} MiB; load average ${load}`);
}

function okOf({ statuses }: PingLoadResult): number {
  return statuses.get(200) ?? 0;
}

function checkOf(i: number): StoredCheck {
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
    state: { ...NEW_CHECK },
    origin: "api",
    badgeKey: randomUUID(),
    createdMs: Date.now(),
    unsentFlips: [],
  };
}
