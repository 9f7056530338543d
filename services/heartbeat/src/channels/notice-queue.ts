import { JobQueue, JobWorker, LossWatch } from "@monotreme/redis-queue";
import type { Logger } from "@monotreme/telemetry";
import { DelayedError, type Job } from "bullmq";

const QUEUE_NAME = "heartbeat-notices";
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
  readonly #queue: JobQueue<NoticeJob>;
  readonly #worker: JobWorker<NoticeJob>;
  readonly #lossWatch: LossWatch;
  /** What Redis does not have yet. */
  readonly #unadded = new Map<string, QueuedNotice>();
  #adding: Promise<void> = Promise.resolve();

  constructor(options: NoticeQueueOptions) {
    this.#options = options;
    const { redisUrl, logger, onLost } = options;
    const access = { name: QUEUE_NAME, redisUrl, logger };
    this.#queue = new JobQueue(access);
    this.#worker = new JobWorker<NoticeJob>({
      ...access,
      process: async (job, token) => this.#process(job, token),
      worker: {
        concurrency: CONCURRENCY,
        lockDuration: 10_000,
        stalledInterval: 5000,
        maxStalledCount: 1_000_000,
        drainDelay: 2,
        runRetryDelay: 500,
      },
    });
    this.#lossWatch = new LossWatch({
      redis: this.#queue.redis,
      name: QUEUE_NAME,
      onLost,
      onAnswer: () => this.#flush(),
    });
  }

  /** Takes a notice for Redis, which gets it at once or when it is back; one that is there already stays. */
  add(queued: QueuedNotice): void {
    this.#unadded.set(queued.notice, queued);
    this.#flush();
  }

  async close(): Promise<void> {
    this.#lossWatch.close();
    await this.#worker.close();
    await this.#adding;
    await this.#queue.close();
  }

  async #process(job: Job<NoticeJob>, token: string | undefined): Promise<void> {
    const againMs = await this.#options.onJob(job.data);
    if (againMs === undefined) return;
    await job.moveToDelayed(againMs, token);
    throw new DelayedError();
  }

  #flush(): void {
    this.#adding = this.#adding.then(async () => this.#addAll());
  }

  /** Never rejects: what could not be added is added at the next look. */
  async #addAll(): Promise<void> {
    if (!this.#queue.isReachable || this.#unadded.size === 0) return;
    const all = [...this.#unadded.values()];
    try {
      const queue = await this.#queue.open();
      await queue.addBulk(
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
