import { type Bus, connectBus, MessagePuller } from "@monotreme/bus";
import { type AlertEvent, ALERTS_STREAM, alertsSubject } from "@monotreme/contracts";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import {
  createTemporaryFolder,
  eventually,
  startClickHouse,
  startNats,
  startStandalone,
  type TemporaryFolder,
  type TestProgram,
  type TestServer,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { STORM_ALERTS as ALERTS, startStormRuler, writeStormRules, writeStormSamples } from "./storm-rules.ts";

let clickhouse: TestServer;
let nats: TestServer;
let standalone: TestStandalone;
let folder: TemporaryFolder;
let bus: Bus;
let puller: MessagePuller;
const rulers: TestProgram[] = [];
/** What was told of each alert, by its group and number. */
const told = new Map<string, AlertEvent[]>();

beforeAll(async () => {
  [clickhouse, nats] = await Promise.all([startClickHouse(), startNats()]);
  folder = await createTemporaryFolder("rulers");
  standalone = await startStandalone({
    args: ["--roles=gateway,ingester,query", `--nats.url=${nats.url}`, `--clickhouse.url=${clickhouse.url}`],
  });
  await writeStormRules(folder.path);
  await write(0);
  bus = await connectBus({ url: nats.url, name: "test", logger: createSilentLogger(), registry: new Registry() });
});

afterAll(async () => {
  puller?.stop();
  await Promise.all(rulers.map(async (ruler) => ruler.stop("SIGKILL")));
  await bus?.close();
  await standalone?.stop();
  await Promise.all([clickhouse?.stop(), nats?.stop(), folder?.remove()]);
});

const write = async (value: number): Promise<void> => writeStormSamples(standalone.url, value);

async function startRuler(): Promise<TestProgram> {
  const program = await startStormRuler(folder.path, nats.url, clickhouse.url);
  rulers.push(program);
  return program;
}

async function followAlerts(): Promise<void> {
  puller = new MessagePuller(bus, {
    stream: ALERTS_STREAM,
    consumer: "test",
    filterSubject: alertsSubject("ruler"),
    maxBytes: 4 * 1024 * 1024,
    ackWaitMs: 30_000,
    maxAckPending: 1000,
  });
  for await (const message of puller) {
    for (const alert of message.json<{ alerts: AlertEvent[] }>().alerts) {
      const key = `${alert.labels["group"]}/${alert.labels["n"]}`;
      told.set(key, [...(told.get(key) ?? []), alert]);
    }
    message.ack();
  }
}

test("rulers - 5,000 alerts in 200 groups fire and are resolved once each, whatever ruler is killed meanwhile", async () => {
  const first = await startRuler();
  void followAlerts();
  const second = await startRuler();
  // In the middle of the storm: some have fired, others not yet.
  await eventually(() => told.size > ALERTS / 10, { timeoutMs: 60_000 });
  await first.stop("SIGKILL");
  await eventually(() => told.size === ALERTS, { timeoutMs: 60_000 });
  const third = await startRuler();
  const isResolved = (alert: AlertEvent): boolean => Date.parse(alert.endsAt) <= Date.now();
  const resolved = (): number => [...told.values()].filter((all) => all.some(isResolved)).length;
  await write(1);
  await eventually(() => resolved() > ALERTS / 10, { timeoutMs: 60_000 });
  await second.stop("SIGKILL");
  await eventually(() => resolved() === ALERTS, { timeoutMs: 60_000 });
  // Each alert began once: nobody forgot that it fired already.
  const starts = [...told.values()].map((all) => new Set(all.map(({ startsAt }) => startsAt)).size);
  expect(starts.filter((count) => count !== 1)).toEqual([]);
  const ends = [...told.values()].map((all) => new Set(all.filter(isResolved).map(({ endsAt }) => endsAt)).size);
  expect(ends.filter((count) => count !== 1)).toEqual([]);
  expect(await third.stop()).toBe(0);
});
