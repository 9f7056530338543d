import { randomUUID } from "node:crypto";
import type { Logger } from "@monotreme/telemetry";
import { DelayedError, type Job, Queue, Worker } from "bullmq";
import { Redis } from "ioredis";

const QUEUE_NAME = "heartbeat-notices";
const QUEUE_PREFIX = "monotreme";
/** Vanishes with the jobs when Redis loses its data. */
const EPOCH_KEY = `${QUEUE_PREFIX}:${QUEUE_NAME}:epoch`;
const CHECK_MS = 1000;
const ANSWER_TIMEOUT_MS = 2000;
/** Nearly all of them wait for somebody's answer. */
const CONCURRENCY = 64;

/** A job names its record and its notice; what is to be told stands in the record. */
export interface NoticeJob {
  readonly key: string;
  readonly notice: string;
}

export interface QueuedNotice extends NoticeJob {
  readonly dueMs: number;
}

export interface NoticeQueueOptions {
  readonly redisUrl: string;
  readonly logger: Logger;
  readonly now: () => number;
  /** Resolves to when (epoch ms) the job is to come again; undefined: it is done. Must not reject. */
  readonly onJob: (job: NoticeJob) => Promise<number | undefined>;
  /** Redis has lost the jobs, or may have: all that wait are to be added again. */
  readonly onLost: () => void;
}

/** Notices as jobs in Redis, shared by all replicas: each is handed to one of them at a time. */
export class NoticeQueue {
  readonly #options: NoticeQueueOptions;
  readonly #redis: Redis;
  readonly #blocking: Redis;
  readonly #worker: Worker<NoticeJob>;
  readonly #timer: NodeJS.Timeout;
  /** Made at the first connection: one that is made before never gets over its failure. */
  #queue: Queue<NoticeJob> | undefined;
  #epoch: string | undefined;
  /** What Redis does not have yet. */
  readonly #unadded = new Map<string, QueuedNotice>();
  #adding: Promise<void> = Promise.resolve();

  constructor(options: NoticeQueueOptions) {
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
    this.#worker = new Worker<NoticeJob>(QUEUE_NAME, async (job, token) => this.#process(job, token), {
      connection: this.#blocking,
      prefix: QUEUE_PREFIX,
      concurrency: CONCURRENCY,
      lockDuration: 10_000,
      stalledInterval: 5000,
      maxStalledCount: 1_000_000,
      drainDelay: 2,
      runRetryDelay: 500,
    });
    // Each command fails by itself; the events only say so once more.
    for (const source of [this.#redis, this.#blocking]) {
      source.on("error", (error) => logger.debug({ err: error }, "connection to Redis interrupted"));
    }
    this.#worker.on("error", (error) => logger.debug({ err: error }, "worker of notices interrupted"));
    this.#redis.on("ready", () => this.#connected());
    this.#timer = setInterval(() => void this.#checkEpoch(), CHECK_MS);
  }

  /** Takes a notice for Redis, which gets it at once or when it is back; one that is there already stays. */
  add(queued: QueuedNotice): void {
    this.#unadded.set(queued.notice, queued);
    this.#flush();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#worker.close(this.#blocking.status !== "ready");
    await this.#adding;
    await this.#queue?.close();
    this.#redis.disconnect();
    this.#blocking.disconnect();
  }

  async #process(job: Job<NoticeJob>, token: string | undefined): Promise<void> {
    const againMs = await this.#options.onJob(job.data);
    if (againMs === undefined) return;
    await job.moveToDelayed(againMs, token);
    throw new DelayedError();
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
      this.#queue.on("error", (error) => logger.debug({ err: error }, "queue of notices interrupted"));
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
      this.#flush();
    } catch {
      // Away: the next connection looks again.
    }
  }

  #flush(): void {
    this.#adding = this.#adding.then(async () => this.#addAll());
  }

  /** Never rejects: what could not be added is added at the next look. */
  async #addAll(): Promise<void> {
    if (this.#queue === undefined || this.#redis.status !== "ready" || this.#unadded.size === 0) return;
    const all = [...this.#unadded.values()];
    try {
      await this.#queue.addBulk(
        all.map(({ key, notice, dueMs }) => ({
          name: "notice",
          data: { key, notice },
          opts: {
            jobId: notice,
            delay: Math.max(0, dueMs - this.#options.now()),
            removeOnComplete: true,
            removeOnFail: true,
            stackTraceLimit: 0,
          },
        })),
      );
      for (const added of all) if (this.#unadded.get(added.notice) === added) this.#unadded.delete(added.notice);
    } catch (error) {
      this.#options.logger.debug({ err: error }, "notices not queued yet");
    }
  }
}
