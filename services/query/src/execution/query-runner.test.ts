import { AppError } from "@monotreme/errors";
import { Labels } from "@monotreme/model";
import { Engine, parseExpression, type SampleSource } from "@monotreme/promql";
import { Registry } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import { createQueryMetrics } from "../metrics.ts";
import { ActiveQueries } from "./active-queries.ts";
import { limitsFor } from "./query-limits.ts";
import { QueryQueue } from "./query-queue.ts";
import { type QueryRequest, QueryRunner } from "./query-runner.ts";

const LIMITS = {
  lookbackMs: 300_000,
  timeoutMs: 60_000,
  autoDownsampling: true,
  maxConcurrency: 1,
  maxConcurrencyPerTenant: 1,
  maxQueued: 1,
  maxSamples: 100,
  maxSeries: 100,
  maxReadBytes: 100_000,
  maxSteps: 100,
};

function createRunner(timeoutMs = LIMITS.timeoutMs, own: Readonly<Record<string, Partial<typeof LIMITS>>> = {}) {
  const registry = new Registry();
  const queue = new QueryQueue({ maxRunning: 1, maxRunningPerTenant: () => 1, maxQueued: LIMITS.maxQueued });
  const metrics = createQueryMetrics(registry, {
    maxConcurrency: LIMITS.maxConcurrency,
    running: () => queue.running,
    queued: () => queue.queued,
    workers: () => 0,
    isLogging: () => false,
    droppedLogLines: () => 0,
  });
  const active = new ActiveQueries();
  const limitsOf = (tenant: string) => limitsFor({ ...LIMITS, timeoutMs }, own[tenant] ?? {});
  const runner = new QueryRunner({ engine: new Engine(), queue, metrics, limitsOf, active });
  return { runner, queue, registry, active };
}

function request(source: SampleSource, overrides: Partial<QueryRequest> = {}): QueryRequest {
  return {
    kind: "instant",
    tenant: "a",
    source,
    expression: parseExpression("up"),
    text: "up",
    range: { startMs: 0, endMs: 0, stepMs: 0 },
    timeoutMs: undefined,
    lookbackMs: undefined,
    limit: 0,
    origin: { clientIp: "127.0.0.1", method: "GET", path: "/api/v1/query" },
    mayUseCache: true,
    signal: new AbortController().signal,
    ...overrides,
  };
}

/** Answers only when it is stopped, as ClickHouse would, and tells when it was asked. */
function hanging() {
  let onAsked: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    onAsked = resolve;
  });
  const source: SampleSource = {
    select: ({ signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
        onAsked();
      }),
  };
  return { source, asked };
}

describe("query runner", () => {
  test("query runner - stops a query at the server's time and at the client's", async () => {
    const timedOut = { code: "QUERY_TIMED_OUT", kind: "timeout", message: "query timed out in expression evaluation" };
    await expect(createRunner(1).runner.run(request(hanging().source))).rejects.toMatchObject(timedOut);
    const { runner, queue } = createRunner();
    await expect(runner.run(request(hanging().source, { timeoutMs: 1 }))).rejects.toMatchObject(timedOut);
    expect(queue.running).toBe(0);
  });

  test("query runner - stops a query whose client is gone", async () => {
    const { runner, registry } = createRunner();
    const { source, asked } = hanging();
    const client = new AbortController();
    const running = runner.run(request(source, { signal: client.signal }));
    await asked;
    client.abort(new Error("gone"));
    await expect(running).rejects.toMatchObject({ code: "QUERY_CANCELED", kind: "canceled" });
    expect(await outcomes(registry)).toEqual({ canceled: 1 });
  });

  test("query runner - ends a query that an administrator kills, of the same tenant only", async () => {
    const { runner, registry, active } = createRunner();
    const { source, asked } = hanging();
    const running = runner.run(request(source));
    await asked;
    const [entry] = active.of("a");
    expect(entry).toMatchObject({ text: "up", state: "running" });
    expect(active.kill("b", entry?.id ?? "")).toBe(false);
    expect(active.kill("a", entry?.id ?? "")).toBe(true);
    await expect(running).rejects.toMatchObject({ code: "QUERY_KILLED" });
    expect(active.all).toEqual([]);
    expect(await registry.metrics()).toContain('monotreme_query_refused_total{reason="killed"} 1');
  });

  test("query runner - refuses what reads or computes too much, and counts why", async () => {
    const { runner, registry } = createRunner();
    const series = Array.from({ length: 101 }, (_, i) => ({
      labels: Labels.fromObject({ i: String(i) }),
      timestamps: Float64Array.of(0),
      values: Float64Array.of(1),
    }));
    const long = { labels: Labels.EMPTY, timestamps: new Float64Array(101), values: new Float64Array(101) };
    const wide = { ...long, labels: Labels.fromObject({ a: "x".repeat(100_000) }) };
    const refused = (source: SampleSource, overrides: Partial<QueryRequest> = {}): Promise<unknown> =>
      runner.run(request(source, overrides)).catch((error: unknown) => error);
    expect(await refused({ select: async () => series })).toMatchObject({ code: "QUERY_TOO_MANY_SERIES" });
    expect(await refused({ select: async () => [long] })).toMatchObject({ code: "QUERY_TOO_MANY_SAMPLES" });
    const bytes = { select: async () => [{ ...wide, timestamps: Float64Array.of(0), values: Float64Array.of(0) }] };
    expect(await refused(bytes)).toMatchObject({ code: "QUERY_TOO_MANY_BYTES", kind: "limit" });
    const range = { startMs: 0, endMs: 101, stepMs: 1 };
    expect(await refused(bytes, { range })).toMatchObject({ code: "QUERY_TOO_MANY_STEPS", kind: "limit" });
    const text = await registry.metrics();
    for (const reason of ["series", "samples", "bytes", "steps"]) {
      expect(text).toContain(`monotreme_query_refused_total{reason="${reason}"} 1`);
    }
  });

  test("query runner - says that a query timed out waiting for its turn", async () => {
    const { runner } = createRunner();
    const { source, asked } = hanging();
    const client = new AbortController();
    const first = runner.run(request(source, { signal: client.signal }));
    await asked;
    const second = runner.run(request(source, { timeoutMs: 1 }));
    await expect(second).rejects.toMatchObject({ kind: "timeout", message: "query timed out in query queue" });
    client.abort();
    await expect(first).rejects.toBeInstanceOf(AppError);
  });

  test("query runner - counts what succeeded and how many samples it read", async () => {
    const { runner, registry } = createRunner();
    await runner.run(request({ select: async () => [] }));
    expect(await outcomes(registry)).toEqual({ success: 1 });
    const text = await registry.metrics();
    expect(text).toContain('prometheus_engine_query_duration_seconds_count{slice="inner_eval"} 1');
    expect(text).toContain("prometheus_engine_queries 0");
  });
});

async function outcomes(registry: Registry): Promise<Record<string, number>> {
  const metric = await registry.getSingleMetric("monotreme_query_queries_total")?.get();
  const counted = metric?.values.filter(({ value }) => value > 0) ?? [];
  return Object.fromEntries(counted.map(({ labels, value }) => [String(labels["outcome"]), value]));
}

test("query runner - each tenant has its own limits", async () => {
  const { runner } = createRunner(LIMITS.timeoutMs, { small: { maxSamples: 1 }, short: { maxSteps: 1 } });
  const one = {
    labels: Labels.fromObject({ __name__: "up" }),
    timestamps: Float64Array.of(0),
    values: Float64Array.of(1),
  };
  const source: SampleSource = {
    select: async () => [one, { ...one, labels: Labels.fromObject({ __name__: "up", job: "b" }) }],
  };
  const range = { startMs: 0, endMs: 2000, stepMs: 1000 };
  await expect(runner.run(request(source, { tenant: "large" }))).resolves.toMatchObject({ valueType: "vector" });
  await expect(runner.run(request(source, { tenant: "small" }))).rejects.toMatchObject({ kind: "limit" });
  await expect(runner.run(request(source, { tenant: "short", range, kind: "range" }))).rejects.toMatchObject({
    code: "QUERY_TOO_MANY_STEPS",
  });
});
