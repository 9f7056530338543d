import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bus, connectBus, ensureStreams, SampleWriter } from "@monotreme/bus";
import { type Scraper, startScraping } from "@monotreme/scraper";
import { createSilentLogger, Registry, type Telemetry } from "@monotreme/telemetry";
import {
  createTemporaryFolder,
  eventually,
  startNats,
  type TemporaryFolder,
  type TestServer,
} from "@monotreme/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const TARGETS = 60;
const SCRAPES = 4;
const WAIT = { timeoutMs: 30_000 };

let nats: TestServer;
let exporter: Server;
let folder: TemporaryFolder;
/** How often each target was asked since the last `clear`. */
const asked = new Map<string, number>();
const members: Member[] = [];

interface Member {
  readonly bus: Bus;
  readonly telemetry: Telemetry;
  readonly scraper: Scraper;
}

beforeAll(async () => {
  [nats, folder] = await Promise.all([startNats(), createTemporaryFolder("scraper-group")]);
  exporter = createServer((request, response) => {
    const path = request.url ?? "";
    asked.set(path, (asked.get(path) ?? 0) + 1);
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end("m 1\n");
  });
  await new Promise<void>((resolve) => exporter.listen(0, "127.0.0.1", resolve));
  const address = `127.0.0.1:${(exporter.address() as AddressInfo).port}`;
  const targets = Array.from(
    { length: TARGETS },
    (_, i) => `  - {targets: ['${address}'], labels: {__metrics_path__: /t/${i}, instance: t${i}}}\n`,
  );
  await writeFile(
    join(folder.path, "prometheus.yml"),
    `global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: j\n  static_configs:\n${targets.join("")}`,
  );
});

afterAll(async () => {
  for (const member of members) await leave(member);
  exporter.closeAllConnections();
  exporter.close();
  await nats.stop();
  await folder.remove();
});

async function enter(group: string): Promise<Member> {
  const telemetry = { logger: createSilentLogger(), registry: new Registry() };
  const bus = await connectBus({ url: nats.url, name: "test", ...telemetry });
  await ensureStreams(bus, { samplesMaxBytes: 64e6, deadletterMaxBytes: 1e6, replicas: 1 });
  const scraper = await startScraping({
    bus,
    writer: new SampleWriter(bus),
    telemetry,
    configFile: join(folder.path, "prometheus.yml"),
    configAutoReload: false,
    configAutoReloadInterval: 30_000,
    partitions: 1,
    environment: {},
    group,
    scraperLeaseTtl: 2000,
  });
  const member = { bus, telemetry, scraper };
  members.push(member);
  return member;
}

async function leave(member: Member): Promise<void> {
  await member.scraper.close();
  if (!member.bus.connection.isClosed()) await member.bus.close();
}

/** Targets that a member scrapes. */
async function targetsOf({ telemetry }: Member): Promise<number> {
  const metric = await telemetry.registry.getSingleMetric("prometheus_target_scrape_pool_targets")?.get();
  return metric?.values[0]?.value ?? 0;
}

/** Every target is asked, and no more often than once a second, by whomever. */
async function expectEachAskedOnceASecond(): Promise<void> {
  asked.clear();
  const startedMs = performance.now();
  await eventually(() => asked.size === TARGETS && Math.min(...asked.values()) >= SCRAPES, WAIT);
  const seconds = (performance.now() - startedMs) / 1000;
  // Two scrapers of one target ask twice as often.
  expect(Math.max(...asked.values())).toBeLessThanOrEqual(seconds + 2);
}

test("scraper group - each target is scraped by one of them, whoever comes, goes or dies", async () => {
  const first = await enter("one");
  await eventually(async () => (await targetsOf(first)) === TARGETS, WAIT);
  await expectEachAskedOnceASecond();

  const second = await enter("one");
  const isShared = async (): Promise<boolean> => {
    const [mine, yours] = [await targetsOf(first), await targetsOf(second)];
    return mine + yours === TARGETS && Math.min(mine, yours) > TARGETS / 4;
  };
  await eventually(isShared, WAIT);
  await expectEachAskedOnceASecond();

  await leave(first);
  await eventually(async () => (await targetsOf(second)) === TARGETS, WAIT);
  await expectEachAskedOnceASecond();

  // Without its connection it cannot show that it lives, and stops before another one begins.
  const third = await enter("one");
  await eventually(async () => (await targetsOf(third)) > TARGETS / 4, WAIT);
  await second.bus.connection.close();
  await eventually(async () => (await targetsOf(third)) === TARGETS && (await targetsOf(second)) === 0, WAIT);
  await expectEachAskedOnceASecond();
});

test("scraper group - scrapers of other groups scrape all of their own", async () => {
  const [one, other] = [await enter("here"), await enter("there")];
  await eventually(async () => (await targetsOf(one)) === TARGETS && (await targetsOf(other)) === TARGETS, WAIT);
});
