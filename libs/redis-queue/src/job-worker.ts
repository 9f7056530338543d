import type { Logger } from "@monotreme/telemetry";
import { type Job, Worker, type WorkerOptions } from "bullmq";
import type { Redis } from "ioredis";
import { connectForBlocking, QUEUE_PREFIX } from "./connections.ts";

export interface JobWorkerOptions<Data> {
  readonly name: string;
  readonly redisUrl: string;
  readonly logger: Logger;
  readonly process: (job: Job<Data>, token: string | undefined) => Promise<void>;
  readonly worker: Omit<WorkerOptions, "connection" | "prefix">;
}

/** Takes jobs out of a queue; while Redis is away it waits for its return. */
export class JobWorker<Data> {
  readonly #redis: Redis;
  readonly #worker: Worker<Data, void>;

  constructor({ name, redisUrl, logger, process, worker }: JobWorkerOptions<Data>) {
    this.#redis = connectForBlocking(redisUrl, logger);
    this.#worker = new Worker<Data, void>(name, async (job, token) => process(job, token), {
      ...worker,
      connection: this.#redis,
      prefix: QUEUE_PREFIX,
    });
    this.#worker.on("error", (error) => logger.debug({ err: error, queue: name }, "worker interrupted"));
  }

  /** Waits for the jobs in hand; without Redis, which could not be told of them, it leaves them to others. */
  async close(): Promise<void> {
    await this.#worker.close(this.#redis.status !== "ready");
    this.#redis.disconnect();
  }
}
