import type {
  ActiveTarget,
  DroppedTarget,
  TargetMetadata,
  TargetMetadataQuestion,
  TargetsQuestion,
} from "@monotreme/contracts";
import { formatDurationMs, Matcher, matchesAll } from "@monotreme/model";
import type { ScrapeLoop } from "../scrape/scrape-loop.ts";
import type { ScrapePool } from "../scrape/scrape-pool.ts";
import { globalUrlOf } from "../scrape/target.ts";

/** The most metadata entries in one answer, where the question sets no smaller bound. */
const MAX_METADATA = 100_000;

export interface TargetsDescription {
  readonly activeTargets: readonly ActiveTarget[];
  readonly droppedTargets: readonly DroppedTarget[];
  readonly droppedTargetCounts: Readonly<Record<string, number>>;
}

/** The targets as `/api/v1/targets` shows them. */
export function describeTargets(pools: Iterable<ScrapePool>, question: TargetsQuestion): TargetsDescription {
  const state = question.state ?? "any";
  const wanted = [...pools].filter((pool) => !question.scrapePool || pool.config.jobName === question.scrapePool);
  return {
    activeTargets:
      state === "dropped"
        ? []
        : wanted.flatMap((pool) => [...pool.loops].map((loop) => activeTarget(pool.config.jobName, loop))),
    droppedTargets: state === "active" ? [] : wanted.flatMap(droppedTargets),
    droppedTargetCounts:
      state === "active" ? {} : Object.fromEntries(wanted.map((pool) => [pool.config.jobName, pool.droppedCount])),
  };
}

/** The metadata that targets gave with their last good scrape, in the form of `/api/v1/targets/metadata`. */
export function describeMetadata(pools: Iterable<ScrapePool>, question: TargetMetadataQuestion): TargetMetadata[] {
  const matchers = (question.matchers ?? []).map(({ type, name, value }) => new Matcher(type, name, value));
  const limit = Math.min(question.limit ?? MAX_METADATA, MAX_METADATA);
  const found: TargetMetadata[] = [];
  for (const pool of pools) {
    for (const loop of pool.loops) {
      if (!matchesAll(matchers, loop.target.labels)) continue;
      const target = loop.target.labels.toObject();
      for (const { metric, type, help, unit } of loop.metadata()) {
        if (question.metric !== undefined && question.metric !== "" && metric !== question.metric) continue;
        if (found.length >= limit) return found;
        found.push({ target, metric, type, help, unit });
      }
    }
  }
  return found;
}

function activeTarget(scrapePool: string, loop: ScrapeLoop): ActiveTarget {
  const { target, health } = loop;
  return {
    discoveredLabels: target.discoveredLabels.toObject(),
    labels: target.labels.toObject(),
    scrapePool,
    scrapeUrl: target.url,
    globalUrl: globalUrlOf(target.url),
    lastError: health.lastError,
    lastScrape: health.lastScrapeMs === 0 ? "0001-01-01T00:00:00Z" : new Date(health.lastScrapeMs).toISOString(),
    lastScrapeDuration: health.lastDurationSeconds,
    health: health.health,
    scrapeInterval: formatDurationMs(target.intervalMs),
    scrapeTimeout: formatDurationMs(target.timeoutMs),
  };
}

function droppedTargets(pool: ScrapePool): DroppedTarget[] {
  return pool.droppedTargets.map((labels) => ({
    discoveredLabels: labels.toObject(),
    scrapePool: pool.config.jobName,
  }));
}
