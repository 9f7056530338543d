import { askReplicas, type Bus } from "@monotreme/bus";
import {
  type ActiveTarget,
  type DroppedTarget,
  SCRAPE_POOL_SUBJECT,
  type ScrapePoolPart,
  type ScrapePoolQuestion,
  TARGET_METADATA_SUBJECT,
  type TargetMetadata,
  type TargetMetadataQuestion,
  TARGETS_SUBJECT,
  type TargetsQuestion,
} from "@monotreme/contracts";
import { decodeMetadataPart, decodeScrapePoolPart, decodeTargetsPart } from "./decode-parts.ts";

export interface TargetsAnswer {
  readonly activeTargets: readonly ActiveTarget[];
  readonly droppedTargets: readonly DroppedTarget[];
  readonly droppedTargetCounts: Readonly<Record<string, number>>;
  /** What is missing from the answer. */
  readonly warnings: readonly string[];
}

export interface TargetMetadataAnswer {
  readonly metadata: readonly TargetMetadata[];
  readonly warnings: readonly string[];
}

/** What the scrapers know of their targets. */
export interface TargetDirectory {
  targets(question: TargetsQuestion): Promise<TargetsAnswer>;
  metadata(question: TargetMetadataQuestion): Promise<TargetMetadataAnswer>;
  /** What the first scraper that has the pool says of it; undefined where none has. */
  scrapePool(question: ScrapePoolQuestion): Promise<ScrapePoolPart | undefined>;
}

const ASK = { maxWaitMs: 2000, quietMs: 100, maxBytes: 64 * 2 ** 20 } as const;

const NO_SCRAPER = "no scraper answered";
const TOO_MANY = "the scrapers have more to tell than fits one answer";

/** Asks all scrapers over NATS and joins what they say. */
export function createTargetDirectory(bus: Bus): TargetDirectory {
  return {
    async targets(question) {
      const { messages, isTruncated } = await askReplicas(bus, TARGETS_SUBJECT, JSON.stringify(question), ASK);
      const parts = messages.map(decodeTargetsPart);
      const counts = new Map<string, number>();
      for (const [pool, count] of parts.flatMap((part) => Object.entries(part.droppedTargetCounts))) {
        counts.set(pool, (counts.get(pool) ?? 0) + count);
      }
      return {
        activeTargets: parts.flatMap((part) => part.activeTargets).sort(byPoolAndUrl),
        droppedTargets: parts.flatMap((part) => part.droppedTargets),
        droppedTargetCounts: Object.fromEntries([...counts].sort(([a], [b]) => compareTexts(a, b))),
        warnings: warningsOf(parts, isTruncated),
      };
    },

    async metadata(question) {
      const { messages, isTruncated } = await askReplicas(bus, TARGET_METADATA_SUBJECT, JSON.stringify(question), ASK);
      const parts = messages.map(decodeMetadataPart);
      const metadata = parts.flatMap((part) => part.metadata);
      return { metadata: metadata.slice(0, question.limit), warnings: warningsOf(parts, isTruncated) };
    },

    async scrapePool(question) {
      const { messages } = await askReplicas(bus, SCRAPE_POOL_SUBJECT, JSON.stringify(question), ASK);
      return messages.map(decodeScrapePoolPart).find(({ yaml, steps }) => yaml !== undefined || steps !== undefined);
    },
  };
}

interface Part {
  readonly replica: string;
  readonly isLast: boolean;
}

function warningsOf(parts: readonly Part[], isTruncated: boolean): string[] {
  if (parts.length === 0) return [NO_SCRAPER];
  const complete = new Set(parts.filter(({ isLast }) => isLast).map(({ replica }) => replica));
  const incomplete = new Set(parts.map(({ replica }) => replica).filter((replica) => !complete.has(replica)));
  const warnings = [...incomplete].map((replica) => `the answer of scraper ${replica} is incomplete`);
  return isTruncated ? [...warnings, TOO_MANY] : warnings;
}

function byPoolAndUrl(a: ActiveTarget, b: ActiveTarget): number {
  return compareTexts(a.scrapePool, b.scrapePool) || compareTexts(a.scrapeUrl, b.scrapeUrl);
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
