import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ClickHouse } from "@monotreme/clickhouse";
import { embeddedClickHouseUrl, eventually, queryValue } from "@monotreme/testkit";
import { OURS_COMMAND } from "../../ingest/bench-options.ts";
import { usageOfTree } from "../../ingest/process-tree.ts";
import { startSystem, type SystemUnderTest } from "../../ingest/system-under-test.ts";
import { type ComparableResult, differenceOf, readResult } from "../../query/compare-results.ts";
import { medianOf, numberText, printTable } from "../text-table.ts";
import { COUNTER, GAUGE, type LongLoad } from "./long-series.ts";
import { writeBlocks } from "./write-blocks.ts";

const DAY_MS = 86_400_000;
const STEP_SECONDS = 7200;
const MAX_DIFFERENCE = 1e-9;
const WANTED_RATIO = 10;

/** It leaves alone what is there, and lets a query read all of it. */
const COMMAND =
  `${OURS_COMMAND} --compactor.delay=300d --compactor.interval=1h --storage.tsdb.retention.time=400d ` +
  "--query.max-samples=2000000000 --query.max-bytes=100GB --query.max-memory=12GB --query.timeout=5m";

const EXPRESSIONS = [
  `sum by (job) (rate(${COUNTER}[2h]))`,
  `avg_over_time(${GAUGE}[2h])`,
  `max by (job) (max_over_time(${GAUGE}[2h]))`,
  `sum by (job) (${GAUGE})`,
];
/** What clients say with `max_source_resolution`; raw first, as all others are compared to it. */
const RESOLUTIONS = ["0s", "5m", "1h", "auto"];

/**
 * `npm run bench -- storage-query`: a month of a dashboard's range from samples and from buckets, and whether the
 * answers are the same; 1 where they are not, or where what is chosen by itself is not ten times as quick.
 */
export async function runDownsampledBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      series: { type: "string", default: "2000" },
      days: { type: "string", default: "30" },
      interval: { type: "string", default: "60" },
      runs: { type: "string", default: "3" },
    },
  });
  const endMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const [series, days, intervalSeconds] = [Number(values.series), Number(values.days), Number(values.interval)];
  const load = { series, days, intervalSeconds, endMs };
  const folder = await mkdtemp(join(tmpdir(), "monotreme-storage-query-"));
  try {
    const system = await startSystem("ours", folder, { oursCommand: COMMAND, oursUrl: undefined, oursPid: undefined });
    if (system === undefined) return 1;
    const interrupted = (): void => void endAll(system, folder).finally(() => process.exit(1));
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupted);
    try {
      await provide(folder, load);
      await waitUntilSeen(system, load);
      return (await measureAll(system, load, Number(values.runs))) ? 0 : 1;
    } finally {
      await endAll(system, folder);
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, interrupted);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Its processes have a session of their own and would outlive this one. */
async function endAll(system: SystemUnderTest, folder: string): Promise<void> {
  await system.stop();
  await rm(folder, { recursive: true, force: true });
}

async function provide(folder: string, load: LongLoad): Promise<void> {
  const clickhouse = new ClickHouse({
    url: await embeddedClickHouseUrl(join(folder, "data")),
    database: "monotreme",
    idleTimeoutMs: 600_000,
  });
  try {
    const startedMs = performance.now();
    const { samples, blocks } = await writeBlocks(clickhouse, load);
    console.log(
      `${load.days} days × ${numberText(load.series)} series (half counters, half gauges) every ` +
        `${load.intervalSeconds} s = ${numberText(samples)} samples in ${blocks} blocks of raw, 5m and 1h, written in ` +
        `${((performance.now() - startedMs) / 1000).toFixed(0)} s; ${cpus().length} × ${cpus()[0]?.model ?? "CPU"}`,
    );
    const sizes = await clickhouse.queryRows(`SELECT table, if(table = 'raw_chunks', 'raw',
      if(startsWith(partition, '(300000'), '5m', '1h')) AS resolution, sum(data_compressed_bytes) AS bytes
      FROM system.parts WHERE database = currentDatabase() AND active AND table IN ('raw_chunks', 'bucket_chunks')
      GROUP BY table, resolution ORDER BY bytes DESC`);
    const text = sizes.map(({ resolution, bytes }) => `${String(resolution)} ${numberText(Number(bytes) / 1e6, 1)} MB`);
    console.log(`on disk: ${text.join(", ")}`);
  } finally {
    await clickhouse.close();
  }
}

/** Rows announce chunks to those who read; chunks that come without rows may be overlooked at first. */
async function waitUntilSeen({ url }: SystemUnderTest, { series, endMs }: LongLoad): Promise<void> {
  const query = `count(${COUNTER}) + count(${GAUGE})`;
  await eventually(async () => (await queryValue(url, query, endMs / 1000)) === series, { timeoutMs: 90_000 });
}

async function measureAll(system: SystemUnderTest, load: LongLoad, runs: number): Promise<boolean> {
  console.log(
    `${system.version}, query_range over all ${load.days} days, step 2 h, nocache=1; median wall ms of ${runs} after one ` +
      "that does not count; CPU of all processes, ClickHouse too\n",
  );
  const rows: string[][] = [];
  const faults: string[] = [];
  for (const expression of EXPRESSIONS) {
    let raw: Measurement | undefined;
    for (const resolution of RESOLUTIONS) {
      const measured = await measure(system, load, { expression, resolution, runs });
      raw ??= measured;
      const difference = differenceOf(raw.result, measured.result);
      const ratio = raw.wallMs / measured.wallMs;
      if (typeof difference === "string" || !(difference <= MAX_DIFFERENCE)) {
        faults.push(`${expression} from ${resolution} differs: ${difference}`);
      } else if (resolution === "auto" && ratio < WANTED_RATIO) {
        faults.push(`${expression} from ${resolution} is only ${ratio.toFixed(1)} times as quick`);
      }
      rows.push([
        resolution === "0s" ? expression : "",
        resolution,
        measured.used,
        numberText(measured.wallMs),
        numberText(measured.cpuMs),
        ratio.toFixed(1),
        (raw.cpuMs / measured.cpuMs).toFixed(1),
        typeof difference === "string" ? "DIFFERS" : difference.toExponential(1),
      ]);
    }
  }
  printTable(["query", "asked", "used", "wall ms", "CPU-ms", "× quicker", "× less CPU", "largest difference"], rows);
  console.log(
    faults.length === 0 ? "\nall equal, and at least 10 times as quick from what is chosen" : `\n${faults.join("\n")}`,
  );
  return faults.length === 0;
}

interface Measurement {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly used: string;
  readonly result: ComparableResult;
}

interface Asked {
  readonly expression: string;
  readonly resolution: string;
  readonly runs: number;
}

async function measure(
  system: SystemUnderTest,
  load: LongLoad,
  { expression, resolution, runs }: Asked,
): Promise<Measurement> {
  const parameters = new URLSearchParams({
    query: expression,
    start: String((load.endMs - load.days * DAY_MS) / 1000 + STEP_SECONDS),
    end: String(load.endMs / 1000),
    step: String(STEP_SECONDS),
    nocache: "1",
    max_source_resolution: resolution,
    timeout: "5m",
  });
  const url = `${system.url}/api/v1/query_range?${parameters.toString()}`;
  const { text, used } = await ask(url);
  const before = usageOfTree(system.rootPid).cpuSeconds;
  const walls: number[] = [];
  for (let run = 0; run < runs; run++) {
    const startedMs = performance.now();
    await ask(url);
    walls.push(performance.now() - startedMs);
  }
  const cpuMs = ((usageOfTree(system.rootPid).cpuSeconds - before) * 1000) / runs;
  return { wallMs: medianOf(walls), cpuMs, used, result: readResult(text, false) };
}

async function ask(url: string): Promise<{ readonly text: string; readonly used: string }> {
  const response = await fetch(url, { signal: AbortSignal.timeout(300_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`a query was answered ${response.status}: ${text.slice(0, 300)}`);
  return { text, used: response.headers.get("X-Monotreme-Resolution") ?? "?" };
}
