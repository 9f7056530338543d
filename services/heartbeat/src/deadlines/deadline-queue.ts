import { JobQueue, JobWorker, LossWatch } from "@monotreme/redis-queue";
import type { Logger } from "@monotreme/telemetry";

const QUEUE_NAME = "deadlines";
const CONCURRENCY = 10;
const RETRY_MS = 500;

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
  readonly #queue: JobQueue<Moment>;
  readonly #worker: JobWorker<Moment>;
  readonly #lossWatch: LossWatch;

  constructor(options: DeadlineQueueOptions) {
    const { redisUrl, logger, onDue, onLost } = options;
    const access = { name: QUEUE_NAME, redisUrl, logger };
    this.#queue = new JobQueue(access);
    this.#worker = new JobWorker<Moment>({
      ...access,
      process: async (job) => onDue(job.data.dueMs),
      worker: {
        concurrency: CONCURRENCY,
        lockDuration: 5000,
        stalledInterval: 2000,
        maxStalledCount: 1_000_000,
        drainDelay: 1,
        runRetryDelay: RETRY_MS,
      },
    });
    this.#lossWatch = new LossWatch({ redis: this.#queue.redis, name: QUEUE_NAME, onLost });
  }

  /** Asks for moments; one that is there already stays. Rejects while Redis is away. */
  async add(moments: readonly number[], nowMs: number): Promise<void> {
    const queue = await this.#queue.open();
    await queue.addBulk(
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
    this.#lossWatch.close();
    await this.#worker.close();
    await this.#queue.close();
  }
}
