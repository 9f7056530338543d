import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { QUEUE_PREFIX } from "./connections.ts";

const CHECK_MS = 1000;

export interface LossWatchOptions {
  readonly redis: Redis;
  /** The queue whose jobs are watched. */
  readonly name: string;
  /** Redis has lost what was put in, or may have; also called when it is first reached. */
  readonly onLost: () => void;
  /** Redis answers: called after every look, about once a second. */
  readonly onAnswer?: () => void;
}

/** Notices that Redis has lost its data: a random value beside the jobs would have vanished with them. */
export class LossWatch {
  readonly #options: LossWatchOptions;
  readonly #key: string;
  readonly #timer: NodeJS.Timeout;
  #epoch: string | undefined;

  constructor(options: LossWatchOptions) {
    this.#options = options;
    this.#key = `${QUEUE_PREFIX}:${options.name}:epoch`;
    options.redis.on("ready", () => void this.#check());
    this.#timer = setInterval(() => void this.#check(), CHECK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #check(): Promise<void> {
    const { redis, onLost, onAnswer } = this.#options;
    try {
      await redis.set(this.#key, randomUUID(), "NX");
      const epoch = (await redis.get(this.#key)) ?? undefined;
      const isLost = epoch !== this.#epoch;
      this.#epoch = epoch;
      if (isLost) onLost();
      onAnswer?.();
    } catch {
      // Away: the next connection looks again.
    }
  }
}
