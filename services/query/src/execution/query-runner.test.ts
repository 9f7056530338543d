import { AppError } from "@monotreme/errors";
import { Engine, parseExpression, type SampleSource } from "@monotreme/promql";
import { Registry } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import { createQueryMetrics } from "../metrics.ts";
import { QueryQueue } from "./query-queue.ts";
import { type QueryRequest, QueryRunner } from "./query-runner.ts";

const LIMITS = { lookbackMs: 300_000, timeoutMs: 60_000, maxConcurrency: 1, maxQueued: 1, maxSamples: 100 };

function createRunner(timeoutMs = LIMITS.timeoutMs) {
  const registry = new Registry();
  const queue = new QueryQueue(LIMITS.maxConcurrency, LIMITS.maxQueued);
  const metrics = createQueryMetrics(registry, {
    maxConcurrency: LIMITS.maxConcurrency,
    running: () => queue.running,
    queued: () => queue.queued,
  });
  const runner = new QueryRunner({ engine: new Engine(), queue, metrics, limits: { ...LIMITS, timeoutMs } });
  return { runner, queue, registry };
}

function request(source: SampleSource, overrides: Partial<QueryRequest> = {}): QueryRequest {
  return {
    kind: "instant",
    source,
    expression: parseExpression("up"),
    text: "up",
    range: { startMs: 0, endMs: 0, stepMs: 0 },
    timeoutMs: undefined,
    lookbackMs: undefined,
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
