/**
 * Asks every scraper for its targets. Each answers with one or more messages on the reply subject, a {@link TargetsPart}
 * as JSON each; those of one `replica` end with `isLast`. The field names are those of Prometheus' HTTP API.
 */
export const TARGETS_SUBJECT = "questions.targets";

/** As {@link TARGETS_SUBJECT}: takes a {@link TargetMetadataQuestion}, answers with {@link TargetMetadataPart}s. */
export const TARGET_METADATA_SUBJECT = "questions.target-metadata";

/** As {@link TARGETS_SUBJECT}: takes a {@link ScrapePoolQuestion}, each scraper answers with one {@link ScrapePoolPart}. */
export const SCRAPE_POOL_SUBJECT = "questions.scrape-pool";

/** Asks every scraper to read its configuration again; each answers with one {@link ReloadAnswer}. */
export const RELOAD_SUBJECT = "questions.reload";

/** Entries of one part, so that no part comes near the size limit of a message. */
export const TARGETS_PER_PART = 250;

/** An entry of `activeTargets` of `/api/v1/targets`. */
export interface ActiveTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly globalUrl: string;
  readonly lastError: string;
  /** RFC 3339; `0001-01-01T00:00:00Z` before the first scrape. */
  readonly lastScrape: string;
  /** Seconds. */
  readonly lastScrapeDuration: number;
  readonly health: "up" | "down" | "unknown";
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

/** An entry of `droppedTargets` of `/api/v1/targets`. */
export interface DroppedTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
}

/** Which targets are wanted; absent fields do not filter. */
export interface TargetsQuestion {
  readonly state?: "active" | "dropped" | "any";
  readonly scrapePool?: string;
}

export interface TargetsPart {
  /** One scraper process; parts of one replica belong together. */
  readonly replica: string;
  readonly isLast: boolean;
  readonly activeTargets: readonly ActiveTarget[];
  readonly droppedTargets: readonly DroppedTarget[];
  /** By scrape pool; in the last part only. */
  readonly droppedTargetCounts: Readonly<Record<string, number>>;
}

export interface TargetMatcher {
  readonly type: "=" | "!=" | "=~" | "!~";
  readonly name: string;
  readonly value: string;
}

export interface TargetMetadataQuestion {
  /** `match_target`, parsed; on the labels of targets. */
  readonly matchers?: readonly TargetMatcher[];
  /** One metric only. */
  readonly metric?: string;
  /** The most entries wanted; absent: up to the answerer's own bound. */
  readonly limit?: number;
}

/** An entry of `/api/v1/targets/metadata`. */
export interface TargetMetadata {
  readonly target: Readonly<Record<string, string>>;
  readonly metric: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

export interface TargetMetadataPart {
  readonly replica: string;
  readonly isLast: boolean;
  readonly metadata: readonly TargetMetadata[];
}

export interface ReloadAnswer {
  readonly replica: string;
  /** Absent where the new configuration is in force. */
  readonly error?: string;
}

export interface ScrapePoolQuestion {
  readonly scrapePool: string;
  /** Discovered labels, to be taken through the pool's relabelling. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** An entry of `steps` of `/api/v1/targets/relabel_steps`: the labels after that rule and those before it. */
export interface RelabelStep {
  readonly rule: {
    readonly sourceLabels?: readonly string[];
    readonly separator?: string;
    readonly regex?: string;
    readonly modulus?: number;
    readonly targetLabel?: string;
    readonly replacement?: string;
    readonly action: string;
  };
  readonly output: Readonly<Record<string, string>>;
  /** False: the target was dropped by this rule or one before it. */
  readonly keep: boolean;
}

/** What one scraper says of a pool; nothing but its name where it has no such pool. */
export interface ScrapePoolPart {
  readonly replica: string;
  /** The pool's configuration as YAML, secrets masked. */
  readonly yaml?: string;
  /** Where labels were asked about. */
  readonly steps?: readonly RelabelStep[];
}
