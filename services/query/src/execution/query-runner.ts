import { AppError } from "@monotreme/errors";
import type { Expression, QueryRange, SampleSource } from "@monotreme/promql";
import { outcomeOf, type QueryKind, type QueryMetrics, refusalOf } from "../metrics.ts";
import type { CacheResult } from "../cache/cache-metrics.ts";
import { decodeMatrix } from "../cache/matrix-codec.ts";
import { columnsOf } from "../cache/columns-of.ts";
import type { JsonPiece } from "../response/envelope.ts";
import { queryResultJson } from "../response/value-json.ts";
import type { ActiveQueries, ActiveQuery } from "./active-queries.ts";
import { type CacheAccess, type Evaluation, runThroughCache, type WantedColumns } from "./cached-run.ts";
import { type EvaluationTimings, evaluateQuery } from "./evaluate-query.ts";
import type { FinishedQuery } from "./finished-query.ts";
import type { MemoryGuard } from "./memory-guard.ts";
import { LONGEST_TIMER_MS, type QueryEngine, type QueryLimits } from "./query-limits.ts";
import type { QueryQueue } from "./query-queue.ts";
import { checkSmallWork, isBeyondSmall, isLargeByShape, SMALL_QUERY } from "./query-weight.ts";
import { RecentKeys } from "./recent-keys.ts";
import { StopSignal } from "./stop-signal.ts";
import type { WorkerReport } from "./worker/worker-messages.ts";
import type { ParserOptions } from "@monotreme/promql";
import type { WorkerPool } from "./worker/worker-pool.ts";

/** Where a query came from, for the query log. */
export interface QueryOrigin {
  readonly clientIp: string;
  readonly method: string;
  readonly path: string;
}

export interface QueryRequest {
  readonly kind: QueryKind;
  readonly tenant: string;
  /** Where small queries read on this thread; it may refuse to read more series than a small query's. */
  readonly source: SampleSource;
  readonly expression: Expression;
  readonly text: string;
  readonly range: QueryRange;
  /** Shortens the time that the server allows; never lengthens it. */
  readonly timeoutMs: number | undefined;
  readonly lookbackMs: number | undefined;
  /** The coarsest data that may answer, in ms, or `"auto"`; raw samples where nothing is said. */
  readonly maxSourceResolution?: number | "auto" | undefined;
  /** Series in the answer at most; 0 = all. */
  readonly limit: number;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  readonly origin: QueryOrigin;
  /** False: the client wants nothing that was computed before. */
  readonly mayUseCache: boolean;
  /** Count the samples of each step; off where nothing is said. */
  readonly countsSamples?: boolean;
}

/** Where the time of a query went, in seconds. */
export interface QueryTimings extends EvaluationTimings {
  readonly queueSeconds: number;
}

/** What a query found; the JSON of its value is made while it is read. */
export interface RunResult extends Omit<WorkerReport, "timings" | "columns"> {
  readonly timings: QueryTimings;
  /** How much of it the result cache had; undefined where it was not asked. */
  readonly cache?: CacheResult;
  /** To be read once, soon. */
  readonly result: Iterable<JsonPiece> | AsyncIterable<JsonPiece>;
}

export interface WorkerAccess {
  readonly pool: WorkerPool;
  readonly guard: MemoryGuard;
  readonly parser: ParserOptions;
}

export interface QueryRunnerOptions {
  readonly engine: QueryEngine;
  readonly queue: QueryQueue;
  /** What bounds the queries of a tenant now. */
  readonly limitsOf: (tenant: string) => QueryLimits;
  readonly metrics: QueryMetrics;
  readonly active: ActiveQueries;
  /** Without workers every query is evaluated on this thread. */
  readonly workers?: WorkerAccess | undefined;
  /** Keeps results of range queries. */
  readonly cache?: CacheAccess | undefined;
  /** Told of every query that ended. */
  readonly onFinished?: (query: FinishedQuery) => void;
}

/** One query on its way. */
interface Course {
  readonly request: QueryRequest;
  readonly stop: StopSignal;
  readonly entry: ActiveQuery;
  readonly deadlineMs: number;
  /** On the clock of `performance.now`. */
  readonly arrivedMs: number;
  readonly columns?: WantedColumns;
}

/**
 * Runs queries within the limits: so many at a time, each until its deadline or until its client is gone. Small ones are
 * evaluated here, in some milliseconds; whatever is or turns out to be larger goes to a worker. Rejects with errors
 * that say which limit was met.
 */
export class QueryRunner {
  readonly #options: QueryRunnerOptions;
  /** Queries that turned out to be large: asked again, they go to a worker at once. */
  readonly #large = new RecentKeys(1000);

  constructor(options: QueryRunnerOptions) {
    this.#options = options;
  }

  async run(request: QueryRequest): Promise<RunResult> {
    const { active } = this.#options;
    const timeoutMs = this.#timeoutMsOf(request);
    const stop = new StopSignal(request.signal, timeoutMs);
    const entry = active.add({
      ...request,
      startedMs: Date.now(),
      stop: (reason) => stop.stop(reason),
    });
    const course = { request, stop, entry, deadlineMs: Date.now() + timeoutMs, arrivedMs: performance.now() };
    try {
      this.#checkSteps(request);
      const { settled, matrix: _, ...result } = await this.#answer(course);
      if (settled === undefined) this.#release(course);
      else {
        stop.endTime();
        entry.state = "answering";
        void settled.then(() => this.#release(course));
      }
      this.#finish(course, result, undefined);
      return result;
    } catch (thrown) {
      this.#release(course);
      const error: unknown = stop.signal.aborted ? stop.signal.reason : thrown;
      this.#finish(course, undefined, error);
      throw error;
    }
  }

  #timeoutMsOf({ timeoutMs, tenant }: QueryRequest): number {
    const longestMs = this.#options.limitsOf(tenant).timeoutMs;
    return Math.max(Math.min(timeoutMs ?? Infinity, longestMs, LONGEST_TIMER_MS), 1);
  }

  #checkSteps({ range, tenant }: QueryRequest): void {
    const { maxSteps } = this.#options.limitsOf(tenant);
    if (range.stepMs === 0 || (range.endMs - range.startMs) / range.stepMs <= maxSteps) return;
    throw new AppError("QUERY_TOO_MANY_STEPS", "limit", `the query has more than ${maxSteps} steps`);
  }

  async #answer(course: Course): Promise<Evaluation> {
    const { cache, limitsOf } = this.#options;
    const { request } = course;
    if (cache === undefined || request.kind !== "range") return this.#evaluate(course);
    if (!request.mayUseCache) {
      cache.results.bypass("asked");
      return this.#evaluate(course);
    }
    const query = { ...request, lookbackMs: request.lookbackMs ?? limitsOf(request.tenant).lookbackMs };
    const cached = await runThroughCache(cache, query, async (part, columns) =>
      this.#evaluate({ ...course, request: part, columns }),
    );
    return cached ?? this.#evaluate(course);
  }

  async #evaluate(course: Course): Promise<Evaluation> {
    const { workers, limitsOf } = this.#options;
    const { request } = course;
    if (workers === undefined) return this.#runHere(course, limitsOf(request.tenant));
    const key = `${request.tenant}\n${request.maxSourceResolution}\n${request.range.endMs - request.range.startMs}\n${request.text}`;
    if (isLargeByShape(request.expression) || this.#large.has(key)) return this.#runInWorker(course, workers);
    try {
      return await this.#runHere(course, SMALL_QUERY);
    } catch (error) {
      if (course.stop.signal.aborted || !isBeyondSmall(error)) throw error;
    }
    this.#large.add(key);
    return this.#runInWorker(course, workers);
  }

  async #runHere(course: Course, allowed: typeof SMALL_QUERY): Promise<Evaluation> {
    const { engine, queue, limitsOf, workers } = this.#options;
    const { request, stop, entry } = course;
    const limits = limitsOf(request.tenant);
    entry.state = "queued";
    const leave = await queue.enter(request.tenant, stop.signal);
    try {
      stop.phase = "evaluation";
      entry.state = "running";
      const queueSeconds = secondsSince(course.arrivedMs);
      const { value, timings, ...report } = await evaluateQuery(engine, request.source, {
        ...request,
        lookbackMs: request.lookbackMs ?? limits.lookbackMs,
        deadlineMs: course.deadlineMs,
        signal: stop.signal,
        limits: leastOf(limits, allowed),
        onRead: (progress, select) => {
          entry.samplesRead = progress.samples;
          if (workers !== undefined) checkSmallWork(progress, select, request.range);
        },
      });
      return {
        ...report,
        valueType: value.type,
        timings: { ...timings, queueSeconds },
        result: queryResultJson(value),
        matrix: columnsOf(value, request.range, course.columns),
      };
    } finally {
      leave();
    }
  }

  async #runInWorker(course: Course, { pool, guard, parser }: WorkerAccess): Promise<Evaluation> {
    const { request, stop, entry } = course;
    const limits = this.#options.limitsOf(request.tenant);
    let queueSeconds = 0;
    entry.state = "waiting-for-worker";
    stop.phase = "queue";
    const { tenant, text, range, limit } = request;
    const { maxSamples, maxSeries, maxReadBytes } = limits;
    const job = {
      tenant,
      text,
      range,
      limit,
      parser,
      lookbackMs: request.lookbackMs ?? limits.lookbackMs,
      deadlineMs: course.deadlineMs,
      limits: { maxSamples, maxSeries, maxReadBytes },
      countsSamples: request.countsSamples === true,
      maxSourceResolution: request.maxSourceResolution,
      columns: course.columns,
    };
    let onSettled = (): void => undefined;
    const settled = new Promise<void>((resolve) => {
      onSettled = resolve;
    });
    const { report, chunks } = await pool.run(job, {
      signal: stop.signal,
      onRunning: () => {
        queueSeconds = secondsSince(course.arrivedMs);
        stop.phase = "evaluation";
        entry.state = "running-in-worker";
        guard.watch();
      },
      onProgress: (samplesRead) => {
        entry.samplesRead = samplesRead;
      },
      onSettled: () => onSettled(),
    });
    const { columns, ...rest } = report;
    const result = { ...rest, timings: { ...report.timings, queueSeconds }, result: chunks };
    return columns === undefined ? { ...result, settled } : { ...result, matrix: decodeMatrix(columns) };
  }

  #release({ stop, entry }: Course): void {
    stop.release();
    this.#options.active.remove(entry);
  }

  #finish({ request, entry, arrivedMs }: Course, result: RunResult | undefined, error: unknown): void {
    const { metrics, onFinished } = this.#options;
    const outcome = result === undefined ? outcomeOf(error) : "success";
    metrics.queries.inc({ kind: request.kind, outcome });
    const reason = result === undefined ? refusalOf(error) : undefined;
    if (reason !== undefined) metrics.refused.inc({ reason });
    if (result !== undefined) metrics.observe(result.timings, result.samplesRead);
    onFinished?.({
      request,
      result,
      error,
      totalSeconds: secondsSince(arrivedMs),
      samplesRead: result?.samplesRead ?? entry.samplesRead,
    });
  }
}

function leastOf(a: typeof SMALL_QUERY, b: typeof SMALL_QUERY): typeof SMALL_QUERY {
  return {
    maxSamples: Math.min(a.maxSamples, b.maxSamples),
    maxSeries: Math.min(a.maxSeries, b.maxSeries),
    maxReadBytes: Math.min(a.maxReadBytes, b.maxReadBytes),
  };
}

function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1000;
}
