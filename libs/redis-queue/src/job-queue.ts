import type { Logger } from "@monotreme/telemetry";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { ANSWER_TIMEOUT_MS, connectForCommands, QUEUE_PREFIX } from "./connections.ts";

/** BullMQ's queue of jobs that hold `Data`. */
export type OpenQueue<Data> = Queue<Data, void, string, Data, void, string>;

export interface JobQueueOptions {
  readonly name: string;
  readonly redisUrl: string;
  readonly logger: Logger;
}

/** A queue as those see it who put jobs in: it never waits for Redis, which may be away at any time. */
export class JobQueue<Data> {
  /** For commands beside those of the queue; they fail while Redis is away. */
  readonly redis: Redis;
  readonly #options: JobQueueOptions;
  #queue: OpenQueue<Data> | undefined;

  constructor(options: JobQueueOptions) {
    this.#options = options;
    this.redis = connectForCommands(options.redisUrl, options.logger);
  }

  /** Whether Redis can be asked now; it may be away a moment later. */
  get isReachable(): boolean {
    return this.redis.status === "ready";
  }

  /** Rejects soon while Redis is away; a queue that were made then would stay useless for ever. */
  async open(): Promise<OpenQueue<Data>> {
    if (!this.isReachable) throw new Error("Redis is not connected");
    const queue = this.#queue ?? this.#create();
    this.#queue = queue;
    const ready = queue.waitUntilReady().catch((error: unknown) => {
      if (this.#queue === queue) this.#queue = undefined;
      throw error;
    });
    await answered(ready);
    return queue;
  }

  async close(): Promise<void> {
    if (this.isReachable) await this.#queue?.close();
    this.redis.disconnect();
  }

  #create(): OpenQueue<Data> {
    const { name, logger } = this.#options;
    const queue: OpenQueue<Data> = new Queue(name, {
      connection: this.redis,
      prefix: QUEUE_PREFIX,
      streams: { events: { maxLen: 100 } },
    });
    queue.on("error", (error) => logger.debug({ err: error, queue: name }, "queue interrupted"));
    return queue;
  }
}

/** Gives up on an answer that may come with the next connection only. */
async function answered(answer: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("Redis does not answer")), ANSWER_TIMEOUT_MS);
  });
  try {
    await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
