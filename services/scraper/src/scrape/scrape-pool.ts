import type { Clock } from "@monotreme/clock";
import type { TargetGroup } from "@monotreme/discovery";
import { schemaOfBucketFactor } from "@monotreme/exposition";
import { Labels, type SeriesHasher } from "@monotreme/model";
import type { ScrapeConfig } from "@monotreme/prometheus-config";
import { compileRelabelConfigs, type RelabelRules } from "@monotreme/relabel";
import type { Logger } from "@monotreme/telemetry";
import type { ScraperMetrics } from "../metrics.ts";
import type { BatchPublisher } from "./batch-publisher.ts";
import { scheduleOf } from "./schedule.ts";
import type { BatchPool } from "./scrape-batch.ts";
import type { ScrapeClient } from "./scrape-client.ts";
import { ScrapeLoop } from "./scrape-loop.ts";
import type { ScrapeSeriesOptions } from "./scrape-series.ts";
import { type Target, type TargetOutcome, targetFromLabels } from "./target.ts";

/** What all pools of a scraper share. */
export interface ScrapePoolContext {
  readonly tenant: string;
  readonly hasher: SeriesHasher;
  readonly partitionOf: (labels: Labels) => number;
  /** Whether a target is this scraper's, by its key; the others are scraped by other scrapers. */
  readonly owns: (targetKey: string) => boolean;
  readonly createClient: (config: ScrapeConfig) => ScrapeClient;
  readonly publisher: BatchPublisher;
  readonly batchPool: BatchPool;
  readonly clock: Clock;
  readonly metrics: ScraperMetrics;
  /** The feature `st-storage`. */
  readonly storeStarts: boolean;
  readonly logger: Logger;
}

/** How the loops of one job scrape; replaced as a whole when the job's configuration changes. */
interface JobSettings {
  readonly config: ScrapeConfig;
  readonly relabel: RelabelRules;
  readonly metricRelabel: RelabelRules;
  readonly client: ScrapeClient;
  /** Shifts the grid of every target of this process. */
  readonly seed: string;
  /** What relabelling made of each group. */
  readonly outcomes: WeakMap<TargetGroup, readonly AddressOutcome[]>;
}

interface AddressOutcome {
  readonly address: string;
  readonly outcome: TargetOutcome;
}

/** The targets of one job. */
export class ScrapePool {
  readonly #context: ScrapePoolContext;
  #settings: JobSettings;
  #groups: readonly TargetGroup[] = [];
  readonly #loops = new Map<string, ScrapeLoop>();
  /** Loops whose targets vanished, until their series are marked stale; a target that comes back takes its own up. */
  readonly #ending = new Map<string, ScrapeLoop>();
  #dropped: Labels[] = [];
  #droppedCount = 0;
  #blockedBy: string | undefined;

  constructor(config: ScrapeConfig, seed: string, context: ScrapePoolContext) {
    this.#context = context;
    this.#settings = settingsOf(config, seed, context);
    context.metrics.syncFailed.inc({ scrape_job: config.jobName }, 0);
  }

  get config(): ScrapeConfig {
    return this.#settings.config;
  }

  get loops(): Iterable<ScrapeLoop> {
    return this.#loops.values();
  }

  /** Up to `keep_dropped_targets` of those dropped by relabelling; 0 keeps all. */
  get droppedTargets(): readonly Labels[] {
    return this.#dropped;
  }

  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** Whether nothing runs and no series waits for its stale marker. */
  get isIdle(): boolean {
    return this.#loops.size === 0 && this.#ending.size === 0;
  }

  /** Takes over new settings: every loop starts anew, without stale markers for targets that stay. */
  async applyConfig(config: ScrapeConfig, seed: string): Promise<void> {
    const before = this.#settings;
    if (before.config.fingerprint === config.fingerprint && before.seed === seed) return;
    this.#settings = settingsOf(config, seed, this.#context);
    const running = [...this.#loops.values()];
    const ending = [...this.#ending.values()];
    // Emptied first, so that no loop of the old settings is taken up again.
    this.#loops.clear();
    this.#ending.clear();
    this.sync(this.#groups);
    const staying = new Set([...this.#loops.values()].map((loop) => loop.target.labels.key));
    const isStaying = (loop: ScrapeLoop): boolean => staying.has(loop.target.labels.key);
    for (const loop of running) if (!isStaying(loop)) this.#end(loop);
    for (const loop of ending) if (!isStaying(loop)) this.#ending.set(loop.target.key, loop);
    await Promise.all([...running, ...ending].filter(isStaying).map((loop) => loop.stop()));
    before.client.close();
  }

  /** Makes the loops fit what was discovered; loops of targets that stay run on untouched. */
  sync(groups: readonly TargetGroup[]): void {
    const { metrics, owns } = this.#context;
    const { config } = this.#settings;
    const stopTimer = metrics.syncSeconds.startTimer({ scrape_job: config.jobName });
    this.#groups = groups;
    const targets = this.#targetsOf(groups);
    this.#checkTargetLimit(targets.size);
    // Those that are somebody else's are still there: they end without stale markers.
    void this.leaveOthers();
    for (const key of targets.keys()) if (!owns(key)) targets.delete(key);
    for (const [key, loop] of this.#loops) {
      if (targets.has(key)) continue;
      this.#loops.delete(key);
      this.#end(loop);
    }
    for (const [key, target] of targets) {
      if (!this.#loops.has(key)) this.#startLoop(key, target);
      this.#loops.get(key)?.rediscover(target);
    }
    metrics.poolTargetLimit.set({ scrape_job: config.jobName }, config.targetLimit);
    metrics.poolTargets.set({ scrape_job: config.jobName }, targets.size);
    stopTimer();
  }

  /** Begins with targets that have become this scraper's. */
  takeOwn(): void {
    this.sync(this.#groups);
  }

  /** Stops scraping what belongs to another scraper, which goes on with its series; resolves when all has stopped. */
  async leaveOthers(): Promise<void> {
    const others = [...this.#loops].filter(([key]) => !this.#context.owns(key));
    if (others.length === 0) return;
    for (const [key] of others) this.#loops.delete(key);
    this.#context.metrics.poolTargets.set({ scrape_job: this.config.jobName }, this.#loops.size);
    await Promise.all(others.map(async ([, loop]) => loop.stop()));
  }

  /** The job is gone: its targets' series end. */
  remove(): void {
    for (const loop of this.#loops.values()) this.#end(loop);
    this.#loops.clear();
    this.#groups = [];
    const labels = { scrape_job: this.config.jobName };
    this.#context.metrics.poolTargets.remove(labels);
    this.#context.metrics.poolTargetLimit.remove(labels);
    this.#context.metrics.syncFailed.remove(labels);
    this.#context.metrics.syncSeconds.remove(labels);
  }

  /** The process ends: no stale markers. */
  async close(): Promise<void> {
    await Promise.all([...this.#loops.values(), ...this.#ending.values()].map((loop) => loop.stop()));
    this.#settings.client.close();
  }

  #targetsOf(groups: readonly TargetGroup[]): Map<string, Target> {
    const targets = new Map<string, Target>();
    this.#dropped = [];
    this.#droppedCount = 0;
    for (const group of groups) {
      for (const { address, outcome } of this.#outcomesOf(group)) {
        if (outcome.kind === "target") targets.set(outcome.target.key, outcome.target);
        else if (outcome.kind === "dropped") this.#keepDropped(outcome.discoveredLabels);
        else this.#reportError(address, outcome.message);
      }
    }
    return targets;
  }

  /** A group that did not change is the same object, and is not relabelled again. */
  #outcomesOf(group: TargetGroup): readonly AddressOutcome[] {
    const { config, relabel, outcomes } = this.#settings;
    const known = outcomes.get(group);
    if (known !== undefined) return known;
    const found = group.targets.map((labels) => {
      const discovered = Labels.fromEntries([...Object.entries(group.labels), ...Object.entries(labels)]);
      return { address: discovered.get("__address__"), outcome: targetFromLabels(discovered, config, relabel) };
    });
    outcomes.set(group, found);
    return found;
  }

  #keepDropped(labels: Labels): void {
    const limit = this.#settings.config.keepDroppedTargets;
    this.#droppedCount++;
    if (limit === 0 || this.#dropped.length < limit) this.#dropped.push(labels);
  }

  #reportError(target: string, reason: string): void {
    const { metrics, logger } = this.#context;
    const { jobName } = this.#settings.config;
    metrics.syncFailed.inc({ scrape_job: jobName });
    logger.error({ job: jobName, target, reason }, "target not valid");
  }

  #checkTargetLimit(count: number): void {
    const limit = this.#settings.config.targetLimit;
    const isExceeded = limit > 0 && count > limit;
    if (isExceeded) this.#context.metrics.exceededTargetLimit.inc();
    this.#blockedBy = isExceeded ? `target_limit exceeded (number of targets: ${count}, limit: ${limit})` : undefined;
  }

  #startLoop(key: string, target: Target): void {
    const ending = this.#ending.get(key);
    this.#ending.delete(key);
    const loop = ending ?? this.#createLoop(target);
    this.#loops.set(key, loop);
    loop.start();
  }

  #createLoop(target: Target): ScrapeLoop {
    const { publisher, batchPool, clock, metrics } = this.#context;
    const { config, client, seed } = this.#settings;
    return new ScrapeLoop({
      target,
      schedule: scheduleOf(target.key, seed, target.intervalMs),
      client,
      publisher,
      pool: batchPool,
      clock,
      metrics,
      extraMetrics: config.extraScrapeMetrics,
      histograms: {
        nativeHistograms: config.scrapeNativeHistograms,
        classicBesideNative: config.alwaysScrapeClassicHistograms,
        bucketLimit: config.nativeHistogramBucketLimit,
        maxSchema: schemaOfBucketFactor(config.nativeHistogramMinBucketFactor),
      },
      blockedBy: () => this.#blockedBy,
      series: this.#seriesOptions(target),
    });
  }

  #seriesOptions(target: Target): ScrapeSeriesOptions {
    const { tenant, hasher, partitionOf, storeStarts } = this.#context;
    const { config, metricRelabel } = this.#settings;
    return {
      tenant,
      hasher,
      partitionOf,
      metricRelabel,
      targetLabels: target.labels,
      honorLabels: config.honorLabels,
      honorTimestamps: config.honorTimestamps,
      trackTimestampsStaleness: config.trackTimestampsStaleness,
      sampleLimit: config.sampleLimit,
      storeStarts,
      labelLimit: config.labelLimit,
      labelNameLengthLimit: config.labelNameLengthLimit,
      labelValueLengthLimit: config.labelValueLengthLimit,
      scheme: config.metricNameValidationScheme,
    };
  }

  #end(loop: ScrapeLoop): void {
    const { key } = loop.target;
    this.#ending.set(key, loop);
    loop.end(() => {
      if (this.#ending.get(key) === loop) this.#ending.delete(key);
    });
  }
}

function settingsOf(config: ScrapeConfig, seed: string, context: ScrapePoolContext): JobSettings {
  const scheme = config.metricNameValidationScheme;
  return {
    config,
    seed,
    relabel: compileRelabelConfigs(config.relabelConfigs, scheme),
    metricRelabel: compileRelabelConfigs(config.metricRelabelConfigs, scheme),
    client: context.createClient(config),
    outcomes: new WeakMap(),
  };
}
