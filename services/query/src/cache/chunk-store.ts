import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import { Redis } from "ioredis";

/** Where chunks are kept; they may vanish at any time. */
export interface ChunkStore {
  /** In the order of the keys; undefined where the store cannot be asked. */
  get(keys: readonly string[]): Promise<readonly (Buffer | null)[] | undefined>;
  /** How it went; never rejects. */
  set(key: string, bytes: Buffer, ttlMs: number): Promise<"stored" | "full" | "failed">;
}

const COMMAND_TIMEOUT_MS = 250;
/** After a failure Redis is left alone for a moment. */
const PAUSE_MS = 2000;
const LONGEST_RECONNECT_MS = 2000;
const MEMORY_CHECK_MS = 5000;
/** Others keep in the same Redis what must not be refused, and it evicts nothing. */
const MAX_MEMORY_SHARE = 0.5;
/** Of a Redis without a `maxmemory`. */
const ASSUMED_MEMORY_BYTES = 512 * 2 ** 20;

/**
 * Chunks in Redis. It is never waited for: while it is away or slow nothing is found and nothing is kept. Chunks
 * take no more of its memory when half of its `maxmemory` is used.
 */
export class RedisChunkStore implements ChunkStore {
  readonly #redis: Redis;
  readonly #logger: Logger;
  #pausedUntilMs = 0;
  #memoryCheckedMs = -Infinity;
  #isFull = false;

  constructor(url: string, logger: Logger) {
    this.#logger = logger.child({ component: "result-cache" });
    this.#redis = new Redis(url, {
      commandTimeout: COMMAND_TIMEOUT_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(attempt * 100, LONGEST_RECONNECT_MS),
      connectionName: "monotreme-query",
    });
    // The client connects again by itself; its commands fail until then.
    this.#redis.on("error", (error: unknown) => this.#logger.debug({ reason: messageOf(error) }, "Redis is away"));
  }

  async get(keys: readonly string[]): Promise<readonly (Buffer | null)[] | undefined> {
    return this.#try(() => this.#redis.mgetBuffer(...keys));
  }

  async set(key: string, bytes: Buffer, ttlMs: number): Promise<"stored" | "full" | "failed"> {
    if (await this.#hasTooLittleMemory()) return "full";
    const answer = await this.#try(() => this.#redis.set(key, bytes, "PX", ttlMs));
    return answer === "OK" ? "stored" : "failed";
  }

  close(): void {
    this.#redis.disconnect();
  }

  async #hasTooLittleMemory(): Promise<boolean> {
    if (performance.now() - this.#memoryCheckedMs < MEMORY_CHECK_MS) return this.#isFull;
    this.#memoryCheckedMs = performance.now();
    const info = await this.#try(() => this.#redis.info("memory"));
    const limit = numberIn(info, "maxmemory") || ASSUMED_MEMORY_BYTES;
    this.#isFull = numberIn(info, "used_memory") > limit * MAX_MEMORY_SHARE;
    return this.#isFull;
  }

  async #try<T>(command: () => Promise<T>): Promise<T | undefined> {
    if (this.#redis.status !== "ready" || performance.now() < this.#pausedUntilMs) return undefined;
    try {
      return await command();
    } catch (error) {
      this.#pausedUntilMs = performance.now() + PAUSE_MS;
      this.#logger.debug({ reason: messageOf(error) }, "Redis did not answer");
      return undefined;
    }
  }
}

function numberIn(info: string | undefined, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info ?? "")?.[1] ?? 0);
}
