import { AppError } from "@monotreme/errors";
import {
  type Expression,
  type QueryRange,
  type QueryResult,
  QueryStoppedError,
  type SampleSource,
} from "@monotreme/promql";
import { outcomeOf, type QueryKind, type QueryMetrics } from "../metrics.ts";
import { LONGEST_TIMER_MS, type QueryEngine, type QueryLimits } from "./query-limits.ts";
import { orderValue } from "./order-value.ts";
import type { QueryQueue } from "./query-queue.ts";

export interface QueryRequest {
  readonly kind: QueryKind;
  readonly source: SampleSource;
  readonly expression: Expression;
  readonly text: string;
  readonly range: QueryRange;
  /** Shortens the time that the server allows; never lengthens it. */
  readonly timeoutMs: number | undefined;
  readonly lookbackMs: number | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Where the time of a query went, in seconds. */
export interface QueryTimings {
  readonly queueSeconds: number;
  /** Reading samples from the storage. */
  readonly prepareSeconds: number;
  readonly evaluationSeconds: number;
  /** Ordering the result by labels. */
  readonly sortSeconds: number;
}

export interface RunResult extends QueryResult {
  readonly timings: QueryTimings;
}

export interface QueryRunnerOptions {
  readonly engine: QueryEngine;
  readonly queue: QueryQueue;
  readonly limits: QueryLimits;
  readonly metrics: QueryMetrics;
}

type Phase = "queue" | "evaluation";

/**
 * Runs queries within the limits: so many at a time, each until its deadline or until its client is gone. Rejects with
 * errors that say which limit was met.
 */
export class QueryRunner {
  readonly #options: QueryRunnerOptions;

  constructor(options: QueryRunnerOptions) {
    this.#options = options;
  }

  async run(request: QueryRequest): Promise<RunResult> {
    const { metrics, queue } = this.#options;
    const stop = new StopSignal(request.signal, this.#timeoutMsOf(request));
    let phase: Phase = "queue";
    try {
      const startedMs = performance.now();
      const leave = await queue.enter(stop.signal);
      try {
        phase = "evaluation";
        const result = await this.#evaluate(request, stop.signal, performance.now() - startedMs);
        metrics.queries.inc({ kind: request.kind, outcome: "success" });
        return result;
      } finally {
        leave();
      }
    } catch (thrown) {
      const error = stop.signal.aborted ? stoppedError(phase, stop) : thrown;
      metrics.queries.inc({ kind: request.kind, outcome: outcomeOf(error) });
      throw error;
    } finally {
      stop.release();
    }
  }

  #timeoutMsOf({ timeoutMs }: QueryRequest): number {
    return Math.max(Math.min(timeoutMs ?? Infinity, this.#options.limits.timeoutMs, LONGEST_TIMER_MS), 1);
  }

  async #evaluate(request: QueryRequest, signal: AbortSignal, queuedMs: number): Promise<RunResult> {
    const { engine, limits, metrics } = this.#options;
    const startedMs = performance.now();
    const source = new TimedSource(request.source);
    const result = await engine.query(source, request.expression, request.range, {
      maxSamples: limits.maxSamples,
      signal,
      lookbackMs: request.lookbackMs ?? limits.lookbackMs,
      text: request.text,
      deadlineMs: Date.now() + this.#timeoutMsOf(request) - queuedMs,
    });
    const evaluatedMs = performance.now();
    const value = orderValue(result.value, request.expression);
    const preparedMs = source.readUntilMs ?? startedMs;
    const timings = {
      queueSeconds: queuedMs / 1000,
      prepareSeconds: (preparedMs - startedMs) / 1000,
      evaluationSeconds: (evaluatedMs - preparedMs) / 1000,
      sortSeconds: (performance.now() - evaluatedMs) / 1000,
    };
    metrics.observe(timings, result.samplesRead);
    return { ...result, value, timings };
  }
}

/** Notes when the last read of a query ended: selectors are read side by side, before anything is evaluated. */
class TimedSource implements SampleSource {
  readonly #source: SampleSource;
  readUntilMs: number | undefined;

  constructor(source: SampleSource) {
    this.#source = source;
  }

  async select(request: Parameters<SampleSource["select"]>[0]): ReturnType<SampleSource["select"]> {
    const series = await this.#source.select(request);
    this.readUntilMs = performance.now();
    return series;
  }
}

/** Fires when the client is gone or the time is over, whichever is first; to be released after use. */
class StopSignal {
  readonly #controller = new AbortController();
  readonly #client: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  #hasTimedOut = false;
  readonly #onGone = (): void => this.#controller.abort(this.#client.reason);

  constructor(client: AbortSignal, timeoutMs: number) {
    this.#client = client;
    this.#timer = setTimeout(() => {
      this.#hasTimedOut = true;
      this.#controller.abort(new DOMException("the query's time is over", "TimeoutError"));
    }, timeoutMs);
    if (client.aborted) this.#onGone();
    else client.addEventListener("abort", this.#onGone, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get hasTimedOut(): boolean {
    return this.#hasTimedOut;
  }

  release(): void {
    clearTimeout(this.#timer);
    this.#client.removeEventListener("abort", this.#onGone);
  }
}

/** Sources reject with the signal's reason, which is no error of ours yet. */
function stoppedError(phase: Phase, { hasTimedOut, signal }: StopSignal): AppError {
  const kind = hasTimedOut ? "timeout" : "canceled";
  if (phase === "evaluation") return new QueryStoppedError(kind, signal.reason);
  const code = hasTimedOut ? "QUERY_TIMED_OUT" : "QUERY_CANCELED";
  const text = hasTimedOut ? "query timed out in query queue" : "query was canceled in query queue";
  return new AppError(code, kind, text, { cause: signal.reason });
}
