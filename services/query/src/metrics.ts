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

/** Which limit ended a query, by the code of its error. */
const REASON_OF_CODE: ReadonlyMap<string, string> = new Map([
  ["QUERY_TOO_MANY_SAMPLES", "samples"],
  ["QUERY_TOO_MANY_SERIES", "series"],
  ["QUERY_TOO_MANY_BYTES", "bytes"],
  ["QUERY_TOO_MANY_STEPS", "steps"],
  ["QUERY_TIMED_OUT", "time"],
  ["QUERY_OUT_OF_MEMORY", "memory"],
  ["QUERY_QUEUE_FULL", "queue"],
  ["QUERY_KILLED", "killed"],
  ["QUERY_WORKER_LOST", "worker"],
]);

export function refusalOf(error: unknown): string | undefined {
  return error instanceof AppError ? REASON_OF_CODE.get(error.code) : undefined;
}

export interface QueryMetrics {
  readonly queries: Counter<"kind" | "outcome">;
  readonly refused: Counter<"reason">;
  readonly workerStarts: Counter;
  readonly workerEnds: Counter<"reason">;
  readonly answerBytes: Counter;
  observe(timings: QueryTimings, samplesRead: number): void;
}

export interface ObservedState {
  readonly maxConcurrency: number;
  running(): number;
  queued(): number;
  /** Threads that exist. */
  workers(): number;
  isLogging(): boolean;
  droppedLogLines(): number;
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
  const refused = new Counter({
    name: "monotreme_query_refused_total",
    help: "Queries that a limit ended or kept from running, by that limit.",
    labelNames: ["reason"],
    registers,
  });
  for (const reason of REASON_OF_CODE.values()) refused.inc({ reason }, 0);
  const engine = createEngineMetrics(registry, state);
  return {
    queries,
    refused,
    ...createWorkerMetrics(registry, state),
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

const WORKER_END_REASONS = ["idle", "fault", "closed"] as const;

function createWorkerMetrics(registry: Registry, state: ObservedState) {
  const registers = [registry];
  new Gauge({
    name: "monotreme_query_workers",
    help: "Worker threads for large queries that exist now.",
    registers,
    collect() {
      this.set(state.workers());
    },
  });
  const workerStarts = new Counter({
    name: "monotreme_query_worker_starts_total",
    help: "Worker threads that were started.",
    registers,
  });
  const workerEnds = new Counter({
    name: "monotreme_query_worker_ends_total",
    help: "Worker threads that ended: without work, by a fault or by being ended, or with the process.",
    labelNames: ["reason"],
    registers,
  });
  for (const reason of WORKER_END_REASONS) workerEnds.inc({ reason }, 0);
  return { workerStarts, workerEnds };
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
  observed("prometheus_engine_query_log_enabled", "Whether queries are logged.", () => (state.isLogging() ? 1 : 0));
  observed("monotreme_query_queued", "Queries waiting for their turn.", () => state.queued());
  observed("monotreme_query_log_lines_dropped", "Lines that the query log could not write.", () =>
    state.droppedLogLines(),
  );
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
