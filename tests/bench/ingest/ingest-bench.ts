import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type IngestBenchOptions, parseIngestOptions } from "./bench-options.ts";
import { type LoadFile, writeLoadFile } from "./load-file.ts";
import type { LoadReport } from "./load-generator.ts";
import { usageOfTree } from "./process-tree.ts";
import { queryVector } from "./prometheus-query.ts";
import { type IngestResult, printResults } from "./report.ts";
import { pause, startSystem, type SystemUnderTest } from "./system-under-test.ts";
import { VisibilityPoller } from "./visibility-poller.ts";

const GENERATOR = fileURLToPath(new URL("load-generator.ts", import.meta.url));

/** Sends one load to each system in turn and prints a table; 1 where an answer was not 2xx or a count inexact. */
export async function runIngestBench(args: readonly string[]): Promise<number> {
  const options = parseIngestOptions(args);
  const directory = await mkdtemp(join(tmpdir(), "monotreme-bench-"));
  let isKept = false;
  try {
    const load = await writeLoadFile(join(directory, "load"), options);
    await writeFile(join(directory, "load.json"), JSON.stringify(load));
    const requests = load.requests.reduce((sum, ranges) => sum + ranges.length, 0);
    console.log(
      `${load.samples} samples of ${options.series} series with 10 labels in ${requests} requests over ` +
        `${options.connections} connections, ${(load.bytes / load.samples).toFixed(1)} B/sample compressed; ` +
        `${cpus().length} × ${cpus()[0]?.model ?? "CPU"}, load generator on the same cores`,
    );
    const results: IngestResult[] = [];
    for (const name of options.systems) {
      const system = await startSystem(name, join(directory, name), options);
      if (system === undefined) {
        console.log(`${name}: not installed, left out`);
        continue;
      }
      try {
        results.push(await measure(name, system, load, join(directory, "load.json"), options));
      } finally {
        await system.stop();
      }
    }
    printResults(results, load.samples);
    const failed = results.filter((result) => result.failure !== undefined);
    for (const { name, failure } of failed) console.error(`FAILED ${name}: ${failure}`);
    isKept = failed.length > 0;
    return isKept ? 1 : 0;
  } catch (error) {
    isKept = true;
    throw error;
  } finally {
    if (isKept) console.error(`logs and data are kept in ${directory}`);
    else await rm(directory, { recursive: true, force: true });
  }
}

async function measure(
  name: string,
  system: SystemUnderTest,
  load: LoadFile,
  loadDescription: string,
  options: IngestBenchOptions,
): Promise<IngestResult> {
  const memory = watchMemory(system.rootPid);
  const before = usageOfTree(system.rootPid);
  const poller = new VisibilityPoller(system.url, load.endMs, options.pollMs);
  poller.start();
  const report = await sendLoad(system.url, loadDescription, options.timeoutMs);
  const answered = usageOfTree(system.rootPid);
  const early = options.countFirst ? await waitForCount(system.url, load, options) : undefined;
  await pause(options.settleMs);
  const settled = usageOfTree(system.rootPid);
  const count = early ?? (await waitForCount(system.url, load, options));
  await poller.stop();
  const delays = poller.delaysMs(report);
  const peakBytes = memory.stop();
  const wallSeconds = (report.endedAtMs - report.startedAtMs) / 1000;
  let failure: string | undefined;
  if (report.failures > 0) failure = `${report.failures} requests were not answered 2xx: ${report.firstFailure}`;
  else if (count.samples !== load.samples) failure = `${count.samples} of ${load.samples} samples are visible`;
  return {
    name,
    version: system.version,
    cpuSecondsByProcess: difference(settled.secondsByProcess, before.secondsByProcess),
    wallSeconds,
    samplesPerSecond: load.samples / wallSeconds,
    answeredCpuSeconds: answered.cpuSeconds - before.cpuSeconds,
    settledCpuSeconds: settled.cpuSeconds - before.cpuSeconds,
    generatorCpuSeconds: report.cpuSeconds,
    slowestAnswerMs: report.slowestAnswerMs,
    exactAfterMs: early === undefined ? undefined : early.atMs - report.endedAtMs,
    delaysMs: delays,
    peakBytes,
    failure,
  };
}

/** Polls until the count is exact or no longer changes for ten seconds. */
async function waitForCount(
  url: string,
  load: LoadFile,
  options: IngestBenchOptions,
): Promise<{ samples: number; atMs: number }> {
  const rangeSeconds = Math.ceil((options.samplesPerSeries * 15_000) / 1000) + 120;
  const query = `sum(count_over_time({job="bench"}[${rangeSeconds}s]))`;
  let samples = -1;
  let changedAtMs = Date.now();
  while (samples !== load.samples && Date.now() - changedAtMs < 10_000) {
    // The newest targets are up to one step ahead of the load's end.
    const counts = await queryVector(url, query, load.endMs + 60_000);
    const seen = counts.get("") ?? 0;
    if (seen !== samples) changedAtMs = Date.now();
    samples = seen;
    if (samples !== load.samples) await pause(200);
  }
  return { samples, atMs: changedAtMs };
}

async function sendLoad(url: string, loadDescription: string, timeoutMs: number): Promise<LoadReport> {
  const generator = spawn(process.execPath, ["--import", "tsx", GENERATOR, `${url}/api/v1/write`, loadDescription], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: timeoutMs,
  });
  const chunks: Buffer[] = [];
  for await (const chunk of generator.stdout) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  if (text === "") throw new Error(`the load generator ended without a report within ${timeoutMs} ms`);
  return JSON.parse(text) as LoadReport;
}

function watchMemory(rootPid: number): { stop(): number } {
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, usageOfTree(rootPid).residentBytes);
  }, 250);
  return {
    stop() {
      clearInterval(timer);
      return peakBytes;
    },
  };
}

function difference(after: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...after].map(([name, seconds]) => [name, seconds - (before.get(name) ?? 0)]));
}
