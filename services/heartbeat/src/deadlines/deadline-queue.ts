import { randomUUID } from "node:crypto";
import type { Logger } from "@monotreme/telemetry";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";

const QUEUE_NAME = "deadlines";
const QUEUE_PREFIX = "monotreme";
/** Vanishes with the jobs when Redis loses its data. */
const EPOCH_KEY = `${QUEUE_PREFIX}:${QUEUE_NAME}:epoch`;
const EPOCH_CHECK_MS = 1000;
const CONCURRENCY = 100;
const RETRY_MS = 500;
const ANSWER_TIMEOUT_MS = 2000;

/** A moment at which a check is to be looked at. */
export interface Deadline {
  readonly checkId: string;
  readonly dueMs: number;
}

export interface DeadlineQueueOptions {
  readonly redisUrl: string;
  readonly logger: Logger;
  /** Looks at the check; where it throws, the deadline comes again. */
  readonly onDue: (deadline: Deadline) => Promise<void>;
  /** Redis has lost what was put in, or may have. */
  readonly onLost: () => void;
}

/** Deadlines as delayed jobs in Redis, shared by all replicas: each comes due once, in one of them. */
export class DeadlineQueue {
  readonly #options: DeadlineQueueOptions;
  readonly #redis: Redis;
  readonly #blocking: Redis;
  /** Made at the first connection: one that is made before never gets over its failure. */
  #queue: Queue<Deadline> | undefined;
  readonly #worker: Worker<Deadline>;
  readonly #epochCheck: NodeJS.Timeout;
  #epoch: string | undefined;

  constructor(options: DeadlineQueueOptions) {
    this.#options = options;
    const { redisUrl, logger } = options;
    const retryStrategy = (times: number): number => Math.min(500, 50 * times);
    this.#redis = new Redis(redisUrl, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      commandTimeout: ANSWER_TIMEOUT_MS,
      retryStrategy,
    });
    this.#blocking = new Redis(redisUrl, { maxRetriesPerRequest: null, retryStrategy });
    this.#worker = new Worker<Deadline>(QUEUE_NAME, async (job) => options.onDue(job.data), {
      connection: this.#blocking,
      prefix: QUEUE_PREFIX,
      concurrency: CONCURRENCY,
      lockDuration: 10_000,
      stalledInterval: 2000,
      maxStalledCount: 1_000_000,
      drainDelay: 1,
      runRetryDelay: RETRY_MS,
    });
    // Each command fails by itself; the events only say so once more.
    for (const source of [this.#redis, this.#blocking]) {
      source.on("error", (error) => logger.debug({ err: error }, "connection to Redis interrupted"));
    }
    this.#worker.on("error", (error) => logger.debug({ err: error }, "worker of deadlines interrupted"));
    this.#redis.on("ready", () => this.#connected());
    this.#epochCheck = setInterval(() => void this.#checkEpoch(), EPOCH_CHECK_MS);
  }

  /** Adds deadlines; one that is there already stays. Rejects while Redis is away. */
  async add(deadlines: readonly Deadline[], nowMs: number): Promise<void> {
    if (this.#queue === undefined) throw new Error("Redis is not connected yet");
    await this.#queue.addBulk(
      deadlines.map((deadline) => ({
        name: "deadline",
        data: deadline,
        opts: {
          jobId: `${deadline.checkId}_${deadline.dueMs}`,
          delay: Math.max(0, deadline.dueMs - nowMs),
          // What is not done comes again until it is.
          attempts: 1_000_000,
          backoff: { type: "fixed", delay: RETRY_MS },
          removeOnComplete: true,
          removeOnFail: true,
          stackTraceLimit: 0,
        },
      })),
    );
  }

  async close(): Promise<void> {
    clearInterval(this.#epochCheck);
    await this.#worker.close(this.#blocking.status !== "ready");
    await this.#queue?.close();
    this.#redis.disconnect();
    this.#blocking.disconnect();
  }

  #connected(): void {
    if (this.#queue === undefined) {
      this.#queue = new Queue(QUEUE_NAME, {
        connection: this.#redis,
        prefix: QUEUE_PREFIX,
        skipWaitingForReady: true,
        streams: { events: { maxLen: 100 } },
      });
      const { logger } = this.#options;
      this.#queue.on("error", (error) => logger.debug({ err: error }, "queue of deadlines interrupted"));
    }
    void this.#checkEpoch();
  }

  async #checkEpoch(): Promise<void> {
    try {
      await this.#redis.set(EPOCH_KEY, randomUUID(), "NX");
      const epoch = (await this.#redis.get(EPOCH_KEY)) ?? undefined;
      const isLost = epoch !== this.#epoch;
      this.#epoch = epoch;
      if (isLost) this.#options.onLost();
    } catch {
      // Away: the next connection looks again.
    }
  }
}
