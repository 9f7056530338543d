import { Agent, request } from "node:http";
import { usageOfTree } from "../ingest/process-tree.ts";
import type { SystemUnderTest } from "../ingest/system-under-test.ts";
import { type BenchQuery, SHIFTS } from "./bench-queries.ts";
import { type ComparableResult, readResult } from "./compare-results.ts";

export interface QueryMeasurement {
  readonly query: BenchQuery;
  /** The first run after the start, then the median and slowest of the others. */
  readonly firstMs: number;
  readonly medianMs: number;
  readonly slowestMs: number;
  /** Of all processes of the system, a run. */
  readonly cpuMs: number;
  /** Of the first run, which asks every system for the same times. */
  readonly result: ComparableResult;
}

const LIGHT_FACTOR = 10;

/** Asks one query several times over one connection; `useCaches` off asks every system not to answer from a cache. */
export async function measureQuery(
  system: SystemUnderTest,
  query: BenchQuery,
  { runs, useCaches }: { readonly runs: number; readonly useCaches: boolean },
): Promise<QueryMeasurement> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const firstStartMs = performance.now();
    const text = await ask(system.url, agent, query, 0, useCaches);
    const firstMs = performance.now() - firstStartMs;
    const count = runCount(query, runs, useCaches);
    const walls: number[] = [];
    const before = usageOfTree(system.rootPid);
    for (let run = 1; run <= count; run++) {
      const startMs = performance.now();
      await ask(system.url, agent, query, query.isShifted ? run * query.stepMs : 0, useCaches);
      walls.push(performance.now() - startMs);
    }
    const after = usageOfTree(system.rootPid);
    walls.sort((a, b) => a - b);
    return {
      query,
      firstMs,
      medianMs: walls[Math.floor(walls.length / 2)] ?? Number.NaN,
      slowestMs: walls.at(-1) ?? Number.NaN,
      cpuMs: ((after.cpuSeconds - before.cpuSeconds) * 1000) / count,
      result: readResult(text, query.hasTies),
    };
  } finally {
    agent.destroy();
  }
}

/** Without caches every refresh of a heavy panel costs the same, so a few are enough. */
function runCount({ isShifted, isHeavy }: BenchQuery, runs: number, useCaches: boolean): number {
  if (isShifted && (useCaches || !isHeavy)) return SHIFTS;
  return isHeavy ? runs : runs * LIGHT_FACTOR;
}

async function ask(
  url: string,
  agent: Agent,
  { expression, startMs, endMs, stepMs }: BenchQuery,
  shiftMs: number,
  useCaches: boolean,
): Promise<string> {
  const parameters = new URLSearchParams({ query: expression });
  if (!useCaches) parameters.set("nocache", "1");
  if (stepMs === 0) parameters.set("time", String((endMs + shiftMs) / 1000));
  else {
    parameters.set("start", String((startMs + shiftMs) / 1000));
    parameters.set("end", String((endMs + shiftMs) / 1000));
    parameters.set("step", String(stepMs / 1000));
  }
  const path = stepMs === 0 ? "query" : "query_range";
  return get(`${url}/api/v1/${path}?${parameters.toString()}`, agent);
}

async function get(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks).toString()));
      response.on("error", reject);
    });
    asking.on("error", reject);
    asking.end();
  });
}
