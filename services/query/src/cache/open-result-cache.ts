import type { Bus } from "@monotreme/bus";
import { RedisChunkStore } from "./chunk-store.ts";
import { BucketLateSamples } from "./late-samples.ts";
import type { ResultCacheParts } from "./result-cache.ts";

export interface ResultCacheConnections {
  readonly bus: Bus;
  /** Undefined: nothing is kept. */
  readonly redisUrl: string | undefined;
  /** 0: nothing is kept. */
  readonly cacheTtlMs: number;
}

/** What the cache of results stands on; neither server need be there. */
export interface OpenResultCache {
  readonly parts: ResultCacheParts | undefined;
  close(): Promise<void>;
}

export function openResultCache({ bus, redisUrl, cacheTtlMs }: ResultCacheConnections): OpenResultCache {
  if (redisUrl === undefined || cacheTtlMs === 0) return { parts: undefined, close: async () => undefined };
  const store = new RedisChunkStore(redisUrl, bus.logger);
  const late = new BucketLateSamples(bus);
  return {
    parts: { store, late, ttlMs: cacheTtlMs },
    async close() {
      late.close();
      store.close();
    },
  };
}
