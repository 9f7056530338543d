import { availableParallelism, totalmem } from "node:os";
import { Engine } from "@monotreme/promql";
import type { TenantLimits } from "@monotreme/prometheus-config";
import type { Telemetry } from "@monotreme/telemetry";
import { createCacheMetrics } from "../cache/cache-metrics.ts";
import { ResultCache, type ResultCacheParts } from "../cache/result-cache.ts";
import { createQueryMetrics, type QueryMetrics } from "../metrics.ts";
import { ActiveQueries } from "./active-queries.ts";
import type { FinishedQuery } from "./finished-query.ts";
import { MemoryGuard } from "./memory-guard.ts";
import { type LanguageOptions, limitsFor, type QueryLimits } from "./query-limits.ts";
import type { QueryLog } from "./query-log.ts";
import { QueryQueue } from "./query-queue.ts";
import { QueryRunner, type WorkerAccess } from "./query-runner.ts";
import { WorkerPool } from "./worker/worker-pool.ts";
import { startWorkerThread } from "./worker/worker-thread.ts";

/** Idle workers keep some megabytes each. */
const IDLE_MS = 60_000;
/** How long a worker may take to stop by itself. */
const GRACE_MS = 1000;
const STALL_MS = 30_000;

/** Threads for large queries; without them every query is evaluated on the main thread. */
export interface WorkerOptions {
  readonly clickhouse: { readonly url: string; readonly database: string };
  /** 0: one more than there are cores. */
  readonly workers: number;
  readonly workerHeapBytes: number;
  /** 0: a quarter of the machine's memory. */
  readonly maxMemoryBytes: number;
}

export interface ExecutionOptions {
  readonly limits: QueryLimits;
  /** What a tenant may do beside or instead of that. */
  readonly tenantLimits?: Pick<TenantLimits, "queryOf"> | undefined;
  readonly language: LanguageOptions;
  /** The step of subqueries that name none: the global evaluation interval. */
  readonly evaluationIntervalMs: number;
  /** Queries that take longer are named in the log; 0: none. */
  readonly slowQueryMs: number;
  readonly telemetry: Telemetry;
  readonly queryLog?: QueryLog | undefined;
  readonly cache?: ResultCacheParts | undefined;
  readonly workers: WorkerOptions | undefined;
}

/** What runs queries and what is known of them. */
export interface Execution {
  readonly runner: QueryRunner;
  readonly active: ActiveQueries;
  readonly metrics: QueryMetrics;
  /** Ends the workers. */
  close(): Promise<void>;
}

/** Puts together the engine, the queue, the workers and the logs of one process. */
export function createExecution(options: ExecutionOptions): Execution {
  const { limits, language, telemetry, queryLog, tenantLimits } = options;
  const limitsOf = (tenant: string): QueryLimits => limitsFor(limits, tenantLimits?.queryOf(tenant) ?? {});
  const active = new ActiveQueries();
  const queue = new QueryQueue({
    maxRunning: limits.maxConcurrency,
    maxRunningPerTenant: (tenant) => limitsOf(tenant).maxConcurrencyPerTenant,
    maxQueued: limits.maxQueued,
  });
  const engineOptions = {
    lookbackMs: limits.lookbackMs,
    maxSamples: limits.maxSamples,
    defaultSubqueryStepMs: options.evaluationIntervalMs,
    delayedNameRemoval: language.delayedNameRemoval,
    useStartTimestamps: language.useStartTimestamps,
  };
  let pool: WorkerPool | undefined;
  const metrics = createQueryMetrics(telemetry.registry, {
    maxConcurrency: limits.maxConcurrency,
    running: () => queue.running + (pool?.running ?? 0),
    queued: () => queue.queued + (pool?.queued ?? 0),
    workers: () => pool?.size ?? 0,
    isLogging: () => queryLog?.isEnabled ?? false,
    droppedLogLines: () => queryLog?.dropped ?? 0,
  });
  let workers: WorkerAccess | undefined;
  if (options.workers !== undefined) {
    const { maxMemoryBytes } = options.workers;
    pool = createPool(options.workers, engineOptions, limits, metrics);
    const guard = new MemoryGuard({
      maxBytes: maxMemoryBytes === 0 ? memoryBytes() / 4 : maxMemoryBytes,
      queries: () => active.all,
      residentBytes: () => process.memoryUsage.rss(),
    });
    workers = { pool, guard, parser: language.parser };
  }
  const runner = new QueryRunner({
    queue,
    limitsOf,
    metrics,
    active,
    workers,
    cache: options.cache && {
      results: new ResultCache({ ...options.cache, metrics: createCacheMetrics(telemetry.registry), now: Date.now }),
      defaultSubqueryStepMs: options.evaluationIntervalMs,
      language,
    },
    engine: new Engine(engineOptions),
    onFinished: (query) => {
      queryLog?.add(query);
      warnIfSlow(query, options);
    },
  });
  return { runner, active, metrics, close: async () => pool?.close() };
}

function createPool(
  { clickhouse, workers, workerHeapBytes }: WorkerOptions,
  engine: ConstructorParameters<typeof Engine>[0] & object,
  { maxQueued }: QueryLimits,
  { workerStarts, workerEnds }: QueryMetrics,
): WorkerPool {
  const size = workers === 0 ? availableParallelism() + 1 : workers;
  return new WorkerPool({
    start: () => startWorkerThread({ clickhouse, engine, heapBytes: workerHeapBytes }),
    queue: new QueryQueue({ maxRunning: size, maxRunningPerTenant: () => Math.max(1, size - 1), maxQueued }),
    idleMs: IDLE_MS,
    graceMs: GRACE_MS,
    stallMs: STALL_MS,
    metrics: { onStart: () => workerStarts.inc(), onEnd: (reason) => workerEnds.inc({ reason }) },
  });
}

/** The machine's memory, or the part of it that this process may use. */
function memoryBytes(): number {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}

function warnIfSlow({ request, error, totalSeconds, samplesRead }: FinishedQuery, options: ExecutionOptions): void {
  const { slowQueryMs, telemetry } = options;
  if (slowQueryMs === 0 || totalSeconds * 1000 < slowQueryMs) return;
  const { text: query, tenant, range } = request;
  telemetry.logger.warn(
    { query, tenant, ...range, seconds: totalSeconds, samplesRead, hasFailed: error !== undefined },
    "slow query",
  );
}
