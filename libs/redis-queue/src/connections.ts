import type { Logger } from "@monotreme/telemetry";
import { Redis } from "ioredis";

/** Before every key of a queue, so that other users of the same Redis are not in the way. */
export const QUEUE_PREFIX = "monotreme";

/** An answer (ms) that takes longer counts as none. */
export const ANSWER_TIMEOUT_MS = 2000;

const retryStrategy = (times: number): number => Math.min(500, 50 * times);

/** A connection whose commands fail at once while Redis is away; it comes back by itself. */
export function connectForCommands(url: string, logger: Logger): Redis {
  return withLog(
    new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      commandTimeout: ANSWER_TIMEOUT_MS,
      connectTimeout: ANSWER_TIMEOUT_MS,
      retryStrategy,
    }),
    logger,
  );
}

/** A connection whose commands wait for Redis for as long as it is away. */
export function connectForBlocking(url: string, logger: Logger): Redis {
  return withLog(new Redis(url, { maxRetriesPerRequest: null, retryStrategy }), logger);
}

/** Each command fails by itself; the events only say so once more. */
function withLog(redis: Redis, logger: Logger): Redis {
  redis.on("error", (error) => logger.debug({ err: error }, "connection to Redis interrupted"));
  return redis;
}
