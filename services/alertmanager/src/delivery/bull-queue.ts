import type { Clock } from "@monotreme/clock";
import { JobQueue, type OpenQueue } from "@monotreme/redis-queue";
import type { Logger } from "@monotreme/telemetry";
import type { Job } from "bullmq";
import type { DeliveryJob } from "./delivery-job.ts";
import { type PackedJob, packJob, unpackJob } from "./delivery-job-codec.ts";
import type { DeliveryQueue, QueuedState } from "./delivery-queue.ts";
import { DeliveryQueueUnavailableError } from "./delivery-queue-error.ts";
import type { FailedDeliveries, FailedDelivery } from "./failed-deliveries.ts";
import { failureFrom } from "./failure-text.ts";

export const QUEUE_NAME = "notifications";

/** An answer that takes longer counts as none. */
const ANSWER_TIMEOUT_MS = 2000;
const FAILED_KEPT = 1000;
const FAILED_AGE_S = 7 * 24 * 3600;
const ENDED_AGE_S = 600;
const ENDED_KEPT = 10_000;

/** The queue of notifications in Redis, as those see it who put jobs in; fails fast while Redis is away. */
export class BullQueue implements DeliveryQueue, FailedDeliveries {
  readonly #queue: JobQueue<PackedJob>;
  readonly #clock: Clock;

  constructor(redisUrl: string, clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#queue = new JobQueue({ name: QUEUE_NAME, redisUrl, logger });
  }

  async add(job: DeliveryJob): Promise<void> {
    await this.#ask(async (queue) => queue.add(job.key.integration, packJob(job), jobOptions(job.id)));
  }

  async stateOf(id: string): Promise<QueuedState> {
    const state = await this.#ask(async (queue) => queue.getJobState(id));
    if (state === "unknown") return "missing";
    return state === "completed" || state === "failed" ? "ended" : "waiting";
  }

  async list(limit: number): Promise<readonly FailedDelivery[]> {
    const jobs = await this.#ask(async (queue) => queue.getFailed(0, limit - 1));
    return jobs.map(failedDeliveryOf).filter((failed) => failed !== undefined);
  }

  async retry(id: string): Promise<boolean> {
    const bullJob = await this.#ask(async (queue) => queue.getJob(id));
    if (bullJob === undefined || (await this.#ask(async () => bullJob.isFailed())) !== true) return false;
    const job = unpackJob(bullJob.data);
    const deadlineMs = this.#clock.now() + Math.max(10_000, job.deadlineMs - job.flushMs);
    await this.#ask(async () => bullJob.updateData(packJob({ ...job, deadlineMs })));
    await this.#ask(async () => bullJob.retry("failed", { resetAttemptsMade: true, resetAttemptsStarted: true }));
    return true;
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }

  async #ask<T>(question: (queue: OpenQueue<PackedJob>) => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("no answer in time")), ANSWER_TIMEOUT_MS);
    });
    try {
      return await Promise.race([this.#queue.open().then(question), late]);
    } catch (error) {
      throw new DeliveryQueueUnavailableError(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

function jobOptions(jobId: string) {
  return {
    jobId,
    // Deadlines end jobs, not numbers of tries.
    attempts: 1_000_000,
    backoff: { type: "custom" },
    removeOnComplete: { age: ENDED_AGE_S, count: ENDED_KEPT },
    removeOnFail: { age: FAILED_AGE_S, count: FAILED_KEPT },
    stackTraceLimit: 0,
  };
}

function failedDeliveryOf(bullJob: Job<PackedJob>): FailedDelivery | undefined {
  if (bullJob.id === undefined) return undefined;
  const job = unpackJob(bullJob.data);
  return {
    id: bullJob.id,
    ...job.key,
    alertCount: job.alerts.length,
    flushMs: job.flushMs,
    failedAtMs: bullJob.finishedOn ?? job.flushMs,
    attempts: bullJob.attemptsMade,
    ...failureFrom(bullJob.failedReason),
  };
}
