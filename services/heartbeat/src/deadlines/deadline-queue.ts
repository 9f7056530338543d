import { randomUUID } from "node:crypto";
import type { Logger } from "@monotreme/telemetry";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";

const QUEUE_NAME = "deadlines";
const QUEUE_PREFIX = "monotreme";
/** Vanishes with the jobs when Redis loses its data. */
const EPOCH_KEY = `${QUEUE_PREFIX}:${QUEUE_NAME}:epoch`;
const EPOCH_CHECK_MS = 1000;
const CONCURRENCY = 10;
const RETRY_MS = 500;
const ANSWER_TIMEOUT_MS = 2000;

interface Moment {
  readonly dueMs: number;
}

export interface DeadlineQueueOptions {
  readonly redisUrl: string;
  readonly logger: Logger;
  /** A moment that was asked for has come (epoch ms); announced again elsewhere where this process dies meanwhile. */
  readonly onDue: (dueMs: number) => Promise<void>;
  /** Redis has lost what was put in, or may have. */
  readonly onLost: () => void;
}

/** Moments as delayed jobs in Redis, shared by all replicas: each is announced once, in one of them. */
export class DeadlineQueue {
  readonly #options: DeadlineQueueOptions;
  readonly #redis: Redis;
  readonly #blocking: Redis;
  /** Made at the first connection: one that is made before never gets over its failure. */
  #queue: Queue<Moment> | undefined;
  readonly #worker: Worker<Moment>;
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
    this.#worker = new Worker<Moment>(QUEUE_NAME, async (job) => options.onDue(job.data.dueMs), {
      connection: this.#blocking,
      prefix: QUEUE_PREFIX,
      concurrency: CONCURRENCY,
      lockDuration: 5000,
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

  /** Asks for moments; one that is there already stays. Rejects while Redis is away. */
  async add(moments: readonly number[], nowMs: number): Promise<void> {
    if (this.#queue === undefined) throw new Error("Redis is not connected yet");
    await this.#queue.addBulk(
      moments.map((dueMs) => ({
        name: "deadline",
        data: { dueMs },
        opts: {
          jobId: `at_${dueMs}`,
          delay: Math.max(0, dueMs - nowMs),
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
