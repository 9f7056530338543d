import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bus, connectBus, MessagePuller } from "@monotreme/bus";
import { type AlertEvent, ALERTS_STREAM, alertsSubject } from "@monotreme/contracts";
import { Labels } from "@monotreme/model";
import { compressSnappy, encodeWriteRequest } from "@monotreme/remote-write";
import { findFreePort } from "@monotreme/standalone";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import {
  createTemporaryFolder,
  eventually,
  queryValue,
  RemoteWriteSender,
  startClickHouse,
  startNats,
  startProgram,
  startStandalone,
  type TemporaryFolder,
  type TestProgram,
  type TestServer,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const MONOTREME = fileURLToPath(new URL("../../tools/monotreme.mjs", import.meta.url));
const GROUPS = 200;
const ALERTS_PER_GROUP = 25;
const ALERTS = GROUPS * ALERTS_PER_GROUP;
const INTERVAL = "10s";

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
  const rules = Array.from({ length: GROUPS }, (_, i) => {
    const alert = `{alert: Storm, expr: 'storm{group="${i}"} == 0', for: 10s, annotations: {text: "{{ $labels.n }} of ${i}"}}`;
    return `- {name: g${i}, rules: [${alert}]}\n`;
  });
  await writeFile(join(folder.path, "rules.yml"), `groups:\n${rules.join("")}`);
  await writeFile(
    join(folder.path, "prometheus.yml"),
    `global: {evaluation_interval: ${INTERVAL}}\nrule_files: [rules.yml]\n`,
  );
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

/** Every series of the storm gets a value now. */
async function write(value: number): Promise<void> {
  const series = Array.from({ length: ALERTS }, (_, i) => ({
    labels: Labels.fromObject({
      __name__: "storm",
      group: String(i % GROUPS),
      n: String(Math.floor(i / GROUPS)),
    }),
    timestampsMs: [Date.now()],
    values: Float64Array.of(value),
  }));
  const body = compressSnappy(encodeWriteRequest(series));
  await new RemoteWriteSender({ url: `${standalone.url}/api/v1/write`, shards: [[body]] }).run();
  await eventually(async () => (await queryValue(standalone.url, `count(storm == ${value})`)) === ALERTS);
}

async function startRuler(): Promise<TestProgram> {
  const args = [
    `--config.file=${join(folder.path, "prometheus.yml")}`,
    `--web.listen-address=127.0.0.1:${await findFreePort()}`,
    `--nats.url=${nats.url}`,
    `--clickhouse.url=${clickhouse.url}`,
    "--rules.lease-ttl=3s",
  ];
  const program = await startProgram(process.execPath, [MONOTREME, "ruler", ...args], { readyPattern: /msg=ready/ });
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
