import { AppError, type ErrorKind } from "@monotreme/errors";
import { Counter, Gauge, type Registry, Summary } from "@monotreme/telemetry";
import type { QueryTimings } from "./execution/query-runner.ts";

export const QUERY_KINDS = ["instant", "range"] as const;
export type QueryKind = (typeof QUERY_KINDS)[number];

/** How a query ended. */
export const OUTCOMES = ["success", "invalid", "limit", "timeout", "canceled", "unavailable", "failed"] as const;
export type Outcome = (typeof OUTCOMES)[number];

const OUTCOME_OF_KIND: Readonly<Record<ErrorKind, Outcome>> = {
  invalid: "invalid",
  "not-found": "invalid",
  conflict: "invalid",
  limit: "limit",
  timeout: "timeout",
  canceled: "canceled",
  unavailable: "unavailable",
  internal: "failed",
};

export function outcomeOf(error: unknown): Outcome {
  return error instanceof AppError ? OUTCOME_OF_KIND[error.kind] : "failed";
}

export interface QueryMetrics {
  readonly queries: Counter<"kind" | "outcome">;
  readonly answerBytes: Counter;
  observe(timings: QueryTimings, samplesRead: number): void;
}

export interface ObservedState {
  readonly maxConcurrency: number;
  running(): number;
  queued(): number;
}

/** The instruments of the query service; `state` is read when the metrics are collected. */
export function createQueryMetrics(registry: Registry, state: ObservedState): QueryMetrics {
  const registers = [registry];
  const queries = new Counter({
    name: "monotreme_query_queries_total",
    help: "Queries by kind and by how they ended.",
    labelNames: ["kind", "outcome"],
    registers,
  });
  for (const kind of QUERY_KINDS) for (const outcome of OUTCOMES) queries.inc({ kind, outcome }, 0);
  const engine = createEngineMetrics(registry, state);
  return {
    queries,
    answerBytes: new Counter({
      name: "monotreme_query_answer_bytes_total",
      help: "Bytes of JSON answers before compression.",
      registers,
    }),
    observe({ queueSeconds, prepareSeconds, evaluationSeconds, sortSeconds }, samplesRead) {
      engine.seconds.observe({ slice: "queue_time" }, queueSeconds);
      engine.seconds.observe({ slice: "prepare_time" }, prepareSeconds);
      engine.seconds.observe({ slice: "inner_eval" }, evaluationSeconds);
      engine.seconds.observe({ slice: "result_sort" }, sortSeconds);
      engine.samples.inc(samplesRead);
    },
  };
}

/** Under upstream's names, because its dashboards read them. */
function createEngineMetrics(registry: Registry, state: ObservedState) {
  const registers = [registry];
  const observed = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  observed("prometheus_engine_queries", "Queries running or waiting.", () => state.running() + state.queued());
  observed("prometheus_engine_queries_concurrent_max", "Queries that may run at one time.", () => state.maxConcurrency);
  observed("prometheus_engine_query_log_enabled", "Whether queries are logged: they are not yet.", () => 0);
  observed("monotreme_query_queued", "Queries waiting for their turn.", () => state.queued());
  const seconds = new Summary({
    name: "prometheus_engine_query_duration_seconds",
    help: "Time of queries by slice: waiting, reading samples, evaluating, sorting.",
    labelNames: ["slice"],
    percentiles: [0.5, 0.9, 0.99],
    maxAgeSeconds: 600,
    ageBuckets: 5,
    registers,
  });
  const samples = new Counter({
    name: "prometheus_engine_query_samples_total",
    help: "Samples that queries read.",
    registers,
  });
  return { seconds, samples };
}
