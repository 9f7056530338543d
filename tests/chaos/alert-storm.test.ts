import {
  createTemporaryFolder,
  eventually,
  startClickHouse,
  startNats,
  startRedis,
  startStandalone,
  type TemporaryFolder,
  type TestProgram,
  type TestServer,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AlertmanagerProcess } from "./alertmanager-process.ts";
import { STORM_ALERTS, STORM_GROUPS, startStormRuler, writeStormRules, writeStormSamples } from "./storm-rules.ts";
import { type ReceivedMessage, WebhookReceiver } from "./webhook-receiver.ts";

/** A note in the log, or a kill, takes no longer on a busy machine. */
const NOTE_MS = 250;

let nats: TestServer;
let redis: TestServer;
let clickhouse: TestServer;
let folder: TemporaryFolder;
let standalone: TestStandalone;
let receiver: WebhookReceiver;
let alertmanagers: AlertmanagerProcess[] = [];
const rulers: TestProgram[] = [];
const kills: number[] = [];

beforeAll(async () => {
  [nats, redis, clickhouse, receiver] = await Promise.all([
    startNats(),
    startRedis(),
    startClickHouse(),
    WebhookReceiver.start(),
  ]);
  folder = await createTemporaryFolder("alert-storm");
  await writeStormRules(folder.path);
  standalone = await startStandalone({
    args: ["--roles=gateway,ingester,query", `--nats.url=${nats.url}`, `--clickhouse.url=${clickhouse.url}`],
  });
  const config = `
route: {receiver: hook, group_by: [group], group_wait: 2s, group_interval: 20s, repeat_interval: 24h}
receivers:
  - name: hook
    webhook_configs: [{url: "${receiver.url}/hook"}]
`;
  const options = { natsUrl: nats.url, redisUrl: redis.url, config };
  alertmanagers = await Promise.all([AlertmanagerProcess.start(options), AlertmanagerProcess.start(options)]);
});

afterAll(async () => {
  await Promise.all(rulers.map(async (ruler) => ruler.stop("SIGKILL")));
  await Promise.all(alertmanagers.map(async (one) => one.stop()));
  await standalone?.stop();
  await Promise.all([nats?.stop(), redis?.stop(), clickhouse?.stop(), receiver?.stop(), folder?.remove()]);
});

async function startRuler(): Promise<TestProgram> {
  const ruler = await startStormRuler(folder.path, nats.url, clickhouse.url);
  rulers.push(ruler);
  return ruler;
}

async function kill(victim: AlertmanagerProcess | TestProgram): Promise<void> {
  kills.push(Date.now());
  await ("kill" in victim ? victim.kill() : victim.stop("SIGKILL"));
}

function toldGroups(): number {
  return new Set(receiver.messages.map(({ groupKey }) => groupKey)).size;
}

function toldAlerts(): number {
  return new Set(receiver.messages.flatMap(({ alerts }) => alerts.map(({ fingerprint }) => fingerprint))).size;
}

/** Messages that say what another one said. Not those whose sender died between the answer and its note of it. */
function repeats(): number {
  const said = new Map<string, number>();
  for (const message of receiver.messages) {
    if (kills.some((killMs) => Math.abs(killMs - message.answeredAtMs) < NOTE_MS)) continue;
    said.set(contentOf(message), (said.get(contentOf(message)) ?? 0) + 1);
  }
  return [...said.values()].filter((count) => count > 1).length;
}

function contentOf({ groupKey, alerts }: ReceivedMessage): string {
  return `${groupKey} ${alerts
    .map(({ fingerprint, status }) => `${fingerprint}:${status}`)
    .toSorted()
    .join()}`;
}

test("alert storm - rulers, alertmanagers and Redis are killed: every alert is told, and no flush twice", async () => {
  // So slow that sending goes on for seconds, and kills fall into the middle of it.
  receiver.answer = async () => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    return { status: 200 };
  };
  const [first, second] = alertmanagers;
  if (first === undefined || second === undefined) throw new Error("no alertmanagers");
  await writeStormSamples(standalone.url, 0);
  const firstRuler = await startRuler();
  const secondRuler = await startRuler();
  const groups = async (count: number): Promise<void> => {
    await eventually(() => toldGroups() >= count, { timeoutMs: 90_000, intervalMs: 5 });
  };
  await groups(10);
  await kill(firstRuler);
  await groups(30);
  await kill(first);
  await groups(60);
  await redis.kill();
  await first.restart();
  await redis.restart();
  await startRuler();
  await groups(120);
  await kill(second);
  await kill(secondRuler);
  await second.restart();
  await eventually(() => expect([toldGroups(), toldAlerts()]).toEqual([STORM_GROUPS, STORM_ALERTS]) ?? true, {
    timeoutMs: 120_000,
  });
  expect(repeats()).toBe(0);
});
