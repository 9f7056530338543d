import { readFileSync } from "node:fs";
import { ClickHouse } from "@monotreme/clickhouse";
import { findFreePort } from "@monotreme/standalone";
import { migrateStorage } from "@monotreme/storage";
import { createSilentLogger } from "@monotreme/telemetry";
import { startClickHouse, startNats, startProgram } from "@monotreme/testkit";
import { storeMetric } from "./stored-series.ts";

const DATABASE = "monotreme";
const PAGE_BYTES = 4096;
const SERIES = 5000;
/** Six hours. */
const SAMPLES = 1440;
const ROUNDS = 300;
const TURNS = 6;

interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
}

interface Server {
  readonly base: string;
  readonly pid: number;
  readonly endMs: number;
}

/**
 * `npm run bench -- query-protection`: how quick `up` is on an idle server and beside large queries, what a large query
 * costs through a worker, and the memory of workers.
 */
export async function runQueryProtectionBench(extraFlags: readonly string[]): Promise<number> {
  const endMs = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
  const [clickhouse, nats] = await Promise.all([startClickHouse(), startNats()]);
  const client = new ClickHouse({ url: clickhouse.url, database: DATABASE });
  await migrateStorage(client, { logger: createSilentLogger() });
  await storeMetric(client, { name: "up", series: 3, samplesPerSeries: SAMPLES, endMs });
  await storeMetric(client, { name: "requests_total", series: SERIES, samplesPerSeries: SAMPLES, endMs });
  await client.close();
  const port = await findFreePort();
  const flags = [
    `--web.listen-address=127.0.0.1:${port}`,
    `--clickhouse.url=${clickhouse.url}`,
    `--clickhouse.database=${DATABASE}`,
    `--nats.url=${nats.url}`,
  ];
  const args = ["tools/monotreme.mjs", "query", ...flags, ...extraFlags];
  const program = await startProgram("node", args, { readyPattern: /ready/, startTimeoutMs: 60_000 });
  try {
    await measure({ base: `http://127.0.0.1:${port}`, pid: program.pid ?? 0, endMs });
    return 0;
  } finally {
    await program.stop();
    await Promise.all([clickhouse.stop(), nats.stop()]);
  }
}

async function measure(server: Server): Promise<void> {
  await small(server);
  report("memory of the process, no worker", megabytes(server));
  const idle = await small(server);
  reportLatencies("up, idle", idle);
  // Hops into a worker because of its shape, though it reads as little.
  const hop = async (): Promise<number> => ask(server, 'label_replace(up, "x", "$1", "instance", "(.*)")');
  report("small query in a worker, cold", `${(await hop()).toFixed(1)} ms`);
  report("memory of the process, 1 idle worker", megabytes(server));
  reportLatencies("without reading: on the main thread", await repeated(async () => ask(server, "vector(1)")));
  const replaced = 'label_replace(vector(1), "x", "1", "", "")';
  reportLatencies("without reading: in a worker", await repeated(async () => ask(server, replaced)));
  reportLatencies("small query in a worker, warm", await repeated(hop));
  report("sum by (group) (rate(…[5m])), 7.2 M samples", `${(await heavy(server)).toFixed(0)} ms`);
  report("memory of the process, after it", megabytes(server));
  const matrix = await range(server, "requests_total");
  report("5000 series × 361 steps as JSON", `${matrix.toFixed(0)} ms`);
  await compare(server, "large aggregations", () => heavy(server));
  await compare(server, "large answers", () => range(server, "requests_total"));
  report("memory of the process, then", megabytes(server));
}

/** Small queries without and with two clients that ask large ones over and over; by turns, as machines are shared. */
async function compare(server: Server, name: string, large: () => Promise<number>): Promise<void> {
  const idle: number[] = [];
  const beside: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    for (let i = 0; i < ROUNDS / TURNS; i++) idle.push(await ask(server, "up"));
    let isOver = false;
    const clients = [1, 2].map(async () => {
      while (!isOver) await large();
    });
    for (let i = 0; i < ROUNDS / TURNS; i++) beside.push(await ask(server, "up"));
    isOver = true;
    await Promise.all(clients);
  }
  reportLatencies(`up, idle between ${name}`, latenciesOf(idle));
  reportLatencies(`up beside ${name}`, latenciesOf(beside));
}

async function small(server: Server): Promise<Latencies> {
  return repeated(async () => ask(server, "up"));
}

async function repeated(measureOnce: () => Promise<number>): Promise<Latencies> {
  const latencies: number[] = [];
  for (let i = 0; i < ROUNDS; i++) latencies.push(await measureOnce());
  return latenciesOf(latencies);
}

async function heavy(server: Server): Promise<number> {
  return range(server, "sum by (group) (rate(requests_total[5m]))");
}

async function range(server: Server, query: string): Promise<number> {
  const end = server.endMs / 1000;
  return timed(server, "query_range", { query, start: String(end - 21_600), end: String(end), step: "60" });
}

async function ask(server: Server, query: string): Promise<number> {
  return timed(server, "query", { query, time: String(server.endMs / 1000) });
}

async function timed({ base }: Server, path: string, parameters: Record<string, string>): Promise<number> {
  const startedMs = performance.now();
  const response = await fetch(`${base}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${parameters["query"]} was answered with ${response.status}`);
  return performance.now() - startedMs;
}

function latenciesOf(all: readonly number[]): Latencies {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), count: sorted.length };
}

function megabytes({ pid }: Server): string {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  return `${((pages * PAGE_BYTES) / 2 ** 20).toFixed(0)} MB`;
}

function reportLatencies(name: string, { p50, p99, count }: Latencies): void {
  report(name, `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (${count} times)`);
}

function report(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(48)} ${value}\n`);
}
