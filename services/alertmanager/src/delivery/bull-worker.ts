import type { Clock } from "@monotreme/clock";
import { JobWorker } from "@monotreme/redis-queue";
import type { Logger } from "@monotreme/telemetry";
import { DelayedError, type Job, UnrecoverableError } from "bullmq";
import { QUEUE_NAME } from "./bull-queue.ts";
import type { Deliverer, DeliveryOutcome } from "./deliverer.ts";
import type { DeliveryJob } from "./delivery-job.ts";
import { type PackedJob, unpackJob } from "./delivery-job-codec.ts";
import { failureText } from "./failure-text.ts";

/** Jobs in hand at once; nearly all of them wait for a service's answer. */
const CONCURRENCY = 512;
/** Of them for one integration, so that a service that hangs leaves the others their share. */
const PER_INTEGRATION = 48;
const BUSY_RETRY_MS = 250;
/** A worker that died is noticed after both. */
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5000;

/** Tells the queue when to try again. */
class TryLaterError extends Error {
  readonly delayMs: number;

  constructor(message: string, delayMs: number) {
    super(message);
    this.delayMs = delayMs;
  }
}

/** Takes notifications out of Redis and delivers them; while Redis is away it waits for its return. */
export class BullWorker {
  readonly #worker: JobWorker<PackedJob>;
  readonly #deliverer: Deliverer;
  readonly #clock: Clock;
  readonly #running = new Map<string, number>();
  readonly #shutdown = new AbortController();

  constructor(redisUrl: string, deliverer: Deliverer, clock: Clock, logger: Logger) {
    this.#deliverer = deliverer;
    this.#clock = clock;
    this.#worker = new JobWorker<PackedJob>({
      name: QUEUE_NAME,
      redisUrl,
      logger,
      process: async (job, token) => this.#process(job, token),
      worker: {
        concurrency: CONCURRENCY,
        lockDuration: LOCK_MS,
        stalledInterval: STALLED_CHECK_MS,
        // A job whose worker dies again and again is ended by its deadline.
        maxStalledCount: 1000,
        drainDelay: 2,
        runRetryDelay: 500,
        settings: {
          backoffStrategy: (_attempts, _type, error) => (error instanceof TryLaterError ? error.delayMs : 1000),
        },
      },
    });
  }

  /** Waits for the deliveries under way up to a time, then breaks them off; others take them over. */
  async close(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#shutdown.abort(), graceMs);
    await this.#worker.close();
    clearTimeout(timer);
  }

  async #process(bullJob: Job<PackedJob>, token: string | undefined): Promise<void> {
    const job = readJob(bullJob);
    const lane = `${job.key.receiver}/${job.key.integration}/${job.key.integrationIndex}`;
    const running = this.#running.get(lane) ?? 0;
    if (running >= PER_INTEGRATION) return putOff(bullJob, token);
    this.#running.set(lane, running + 1);
    let outcome: DeliveryOutcome;
    try {
      outcome = await this.#deliver(job, bullJob.attemptsMade + 1);
    } finally {
      const left = (this.#running.get(lane) ?? 1) - 1;
      if (left === 0) this.#running.delete(lane);
      else this.#running.set(lane, left);
    }
    if (outcome.kind === "busy") return putOff(bullJob, token);
    if (outcome.kind === "retry") throw new TryLaterError(outcome.message, outcome.delayMs);
    if (outcome.kind === "failed") throw new UnrecoverableError(failureText(outcome));
  }

  async #deliver(job: DeliveryJob, attempt: number): Promise<DeliveryOutcome> {
    const leftMs = Math.max(0, job.deadlineMs - this.#clock.now());
    const signal = AbortSignal.any([this.#shutdown.signal, AbortSignal.timeout(Math.min(leftMs, 2 ** 31 - 1))]);
    return this.#deliverer.deliver(job, attempt, signal);
  }
}

function readJob(bullJob: Job<PackedJob>): DeliveryJob {
  try {
    return unpackJob(bullJob.data);
  } catch (error) {
    throw new UnrecoverableError(`the job cannot be read: ${String(error).slice(0, 200)}`);
  }
}

/** Back into the queue, without counting as a try. */
async function putOff(bullJob: Job<PackedJob>, token: string | undefined): Promise<never> {
  await bullJob.moveToDelayed(Date.now() + BUSY_RETRY_MS, token);
  throw new DelayedError();
}
