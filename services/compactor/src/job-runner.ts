import type { ClickHouse } from "@monotreme/clickhouse";
import { Breather } from "@monotreme/clock";
import { AppError, messageOf } from "@monotreme/errors";
import {
  type BlockCatalog,
  type BlockHistory,
  blockHistories,
  type BlockKey,
  blockKeyText,
  type BlockRecord,
  readSampleParts,
  resolutionOf,
  unfoldedParts,
} from "@monotreme/storage";
import type { Logger } from "@monotreme/telemetry";
import type { BlockLease, BlockLeases } from "./block-leases.ts";
import type { BlockJob, BucketMaker, JobContext, JobResult } from "./jobs/block-job.ts";
import { createBucketJob } from "./jobs/bucket-job.ts";
import { ChunkMismatchError } from "./jobs/chunk-writer.ts";
import { dropFoldedParts } from "./jobs/drop-parts.ts";
import type { JobMeter } from "./metrics.ts";
import type { Task } from "./plan/pick-task.ts";
import { attemptsSoFar, MAX_ABANDONED, MAX_ATTEMPTS } from "./plan/retry.ts";

/** How a task ended. */
export const OUTCOMES = ["done", "failed", "interrupted", "skipped"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** A task under way, for people. */
export interface RunningJob {
  readonly key: BlockKey;
  readonly kind: Task["kind"];
  readonly startedMs: number;
  readonly generation: number | undefined;
  /** Rows or windows. */
  readonly done: number;
  readonly total: number;
}

/** Told of what became of a block; must not throw. */
export type BlockListener = (record: BlockRecord) => void;

export interface JobRunnerOptions {
  readonly clickhouse: ClickHouse;
  readonly catalog: BlockCatalog;
  readonly leases: BlockLeases;
  readonly rawJob: BlockJob;
  /** As `rawJob`, for all series of a window. */
  readonly rewriteJob: BlockJob;
  readonly makeBuckets: BucketMaker;
  readonly meter: JobMeter;
  readonly logger: Logger;
  readonly onBlock: BlockListener;
}

/** Runs tasks, each under the lease of its block. Several at once are fine; never rejects but when the catalog is away. */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #running = new Map<string, RunningJob>();

  constructor(options: JobRunnerOptions) {
    this.#options = options;
  }

  get running(): readonly RunningJob[] {
    return [...this.#running.values()];
  }

  /** `known` is what the task was planned by: where there is something newer, it is skipped and planned anew. */
  async run(task: Task, known: BlockHistory | undefined, signal: AbortSignal): Promise<Outcome> {
    const { key } = task;
    const running: RunningJob = {
      key,
      kind: task.kind,
      startedMs: Date.now(),
      generation: undefined,
      done: 0,
      total: 0,
    };
    const name = blockKeyText(key);
    this.#running.set(name, running);
    try {
      const lease = await this.#options.leases.acquire(key, signal);
      if (lease === undefined) return "skipped";
      try {
        return await this.#runHeld(task, known, lease, AbortSignal.any([signal, lease.signal]));
      } finally {
        await lease.release();
      }
    } finally {
      this.#running.delete(name);
      this.#options.meter.progress(this.running);
    }
  }

  async #runHeld(
    task: Task,
    known: BlockHistory | undefined,
    lease: BlockLease,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { catalog } = this.#options;
    const { key } = task;
    const histories = blockHistories(await catalog.readBlock(key, signal));
    const history = histories.get(blockKeyText(key));
    if (history?.latest.version !== known?.latest.version) return "skipped";
    const guard = (): void => {
      signal.throwIfAborted();
      if (!lease.isHeld) throw new AppError("BLOCK_LEASE_LOST", "unavailable", "the lease of the block was lost");
    };
    if (task.kind === "drop") return this.#drop(history?.current, signal, guard);
    const isRewriting = task.kind === "raw" && task.isRewriting === true;
    if (task.kind === "raw" && !isRewriting && !(await this.#hasRows(history, key, signal))) return "skipped";
    if (history !== undefined && history.abandoned >= MAX_ABANDONED) {
      await this.#setAside(history.latest, `${history.abandoned} processes ended while they worked on it`);
      return "failed";
    }
    const record = await catalog.begin(key, attemptsSoFar(history), signal);
    guard();
    const breather = new Breather();
    return this.#attempt(this.#jobFor(task), {
      record,
      current: history?.current,
      signal,
      guard,
      breathe: () => breather.breathe(),
      onProgress: this.#progress(record),
    });
  }

  #jobFor(task: Exclude<Task, { kind: "drop" }>): BlockJob {
    const { rawJob, rewriteJob, makeBuckets } = this.#options;
    if (task.kind === "buckets") return createBucketJob(task.due, makeBuckets);
    return task.isRewriting === true ? rewriteJob : rawJob;
  }

  async #attempt(job: BlockJob, context: JobContext): Promise<Outcome> {
    const { catalog, meter, logger } = this.#options;
    const { record } = context;
    const startedMs = performance.now();
    const block = { resolution: resolutionOf(record.resolutionMs).name, start: new Date(clampDate(record.startMs)) };
    try {
      const result = await job(context);
      context.guard();
      const ready = await catalog.publish(record, result.inputs, result.numbers);
      const seconds = (performance.now() - startedMs) / 1000;
      this.#report(ready, result, seconds);
      return "done";
    } catch (error) {
      const outcome = isNoFaultOfTheBlock(error, context.signal) ? "interrupted" : "failed";
      meter.ended(record.resolutionMs, outcome, (performance.now() - startedMs) / 1000);
      const reason = messageOf(error);
      logger.warn({ ...block, generation: record.generation, outcome, reason }, "a block was not made");
      await this.#noteFailure(record, outcome, error);
      return outcome;
    }
  }

  async #noteFailure(record: BlockRecord, outcome: "interrupted" | "failed", error: unknown): Promise<void> {
    const { catalog, logger } = this.#options;
    const reason = messageOf(error) || "unknown";
    try {
      if (outcome === "interrupted") await catalog.interrupt(record, reason);
      else if (error instanceof ChunkMismatchError || record.attempts + 1 >= MAX_ATTEMPTS) {
        await this.#setAside(record, reason);
      } else await catalog.fail(record, reason);
    } catch (fault) {
      // The next holder finds a generation that never ended, which tells the same.
      logger.debug({ reason: messageOf(fault) }, "the end of an attempt was not noted");
    }
  }

  async #setAside(record: BlockRecord, reason: string): Promise<void> {
    const { catalog, logger, onBlock } = this.#options;
    const setAside = await catalog.setAside(record, reason);
    const { name } = resolutionOf(record.resolutionMs);
    logger.error({ resolution: name, start: new Date(clampDate(record.startMs)), reason }, "a block was set aside");
    onBlock(setAside);
  }

  async #hasRows(history: BlockHistory | undefined, { startMs }: BlockKey, signal: AbortSignal): Promise<boolean> {
    const { parts } = await readSampleParts(this.#options.clickhouse, { windowMs: startMs, signal });
    return unfoldedParts(parts, history?.current?.inputs ?? []).length > 0;
  }

  async #drop(current: BlockRecord | undefined, signal: AbortSignal, guard: () => void): Promise<Outcome> {
    if (current === undefined || current.inputs.length === 0) return "skipped";
    const { clickhouse, catalog, meter, logger } = this.#options;
    try {
      const dropped = await dropFoldedParts(current, { clickhouse, catalog, signal, guard });
      meter.dropped(dropped.rows);
      logger.debug({ start: current.startMs, ...dropped }, "rows of a block were dropped");
      return "done";
    } catch (error) {
      if (isNoFaultOfTheBlock(error, signal)) return "interrupted";
      logger.warn({ start: current.startMs, reason: messageOf(error) }, "rows of a block were not dropped");
      return "failed";
    }
  }

  #progress({ resolutionMs, startMs, generation }: BlockRecord): JobContext["onProgress"] {
    const name = blockKeyText({ resolutionMs, startMs });
    return (done, total) => {
      const running = this.#running.get(name);
      if (running === undefined) return;
      this.#running.set(name, { ...running, generation, done, total });
      this.#options.meter.progress(this.running);
    };
  }

  #report(ready: BlockRecord, result: JobResult, seconds: number): void {
    const { meter, logger, onBlock } = this.#options;
    meter.ended(ready.resolutionMs, "done", seconds);
    meter.made(ready.resolutionMs, result);
    logger.info(
      {
        resolution: resolutionOf(ready.resolutionMs).name,
        start: new Date(clampDate(ready.startMs)),
        generation: ready.generation,
        series: ready.series,
        samples: ready.samples,
        bytes: ready.bytes,
        samplesRead: result.samplesRead,
        seconds: Math.round(seconds * 1000) / 1000,
      },
      "a block is ready",
    );
    onBlock(ready);
  }
}

/** Another attempt may go well at once, and says nothing about the block. */
function isNoFaultOfTheBlock(error: unknown, signal: AbortSignal): boolean {
  if (signal.aborted) return true;
  return error instanceof AppError && (error.kind === "unavailable" || error.kind === "canceled");
}

/** What a Date can hold. */
function clampDate(timestampMs: number): number {
  return Math.min(Math.max(timestampMs, -8.64e15), 8.64e15);
}
