import { Counter, type Registry } from "@monotreme/telemetry";

/** How a range query met the cache: answered by it wholly, partly, not at all; or it was not asked. */
export const CACHE_RESULTS = ["hit", "partial", "miss", "bypass"] as const;
export type CacheResult = (typeof CACHE_RESULTS)[number];

/** Why the cache was not asked: the client wants none, the query cannot be kept or is too large, or a server is away. */
export const BYPASS_REASONS = ["asked", "shape", "large", "unavailable"] as const;
/** Why a chunk that was found was of no use. */
export const VOID_REASONS = ["late_samples", "expired", "other_text", "other_epoch", "unreadable"] as const;
/** What became of a chunk: samples that may still change it, remarks about the whole range and size keep it out. */
export const STORE_RESULTS = ["stored", "full", "failed", "unsettled", "remarks", "large"] as const;

export type BypassReason = (typeof BYPASS_REASONS)[number];
export type VoidReason = (typeof VOID_REASONS)[number];
export type StoreResult = (typeof STORE_RESULTS)[number];

export type CacheMetrics = ReturnType<typeof createCacheMetrics>;

/** The instruments of the result cache, born with all their labels. */
export function createCacheMetrics(registry: Registry) {
  const counter = <T extends string>(name: string, help: string, label: T, values: readonly string[]): Counter<T> => {
    const made = new Counter<T>({ name, help, labelNames: [label], registers: [registry] });
    for (const value of values) made.labels(value).inc(0);
    return made;
  };
  return {
    queries: counter(
      "monotreme_query_cache_queries_total",
      "Range queries by what the result cache had of them.",
      "result",
      CACHE_RESULTS,
    ),
    bypasses: counter(
      "monotreme_query_cache_bypasses_total",
      "Range queries that did not use the result cache, by reason.",
      "reason",
      BYPASS_REASONS,
    ),
    voids: counter(
      "monotreme_query_cache_invalidations_total",
      "Chunks of results that were found but no longer right or usable, by reason.",
      "reason",
      VOID_REASONS,
    ),
    stores: counter(
      "monotreme_query_cache_stores_total",
      "Chunks of results that were to be kept, by what became of them.",
      "result",
      STORE_RESULTS,
    ),
    bytes: counter(
      "monotreme_query_cache_bytes_total",
      "Bytes of chunks read from and written to the result cache.",
      "direction",
      ["read", "written"],
    ),
  };
}
