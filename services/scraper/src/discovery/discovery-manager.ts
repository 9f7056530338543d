import type { Clock } from "@monotreme/clock";
import type { Discoverer, TargetGroup } from "@monotreme/discovery";
import type { DiscoveryConfig, ScrapeConfig } from "@monotreme/prometheus-config";
import type { ScraperMetrics } from "../metrics.ts";

/** How long a job's other targets wait for a discoverer that says nothing. */
const PATIENCE_MS = 5000;

export interface DiscoveryManagerOptions {
  readonly clock: Clock;
  readonly metrics: ScraperMetrics;
  /** Updates of discoverers are passed on at most this often; the first comes at once. */
  readonly updateIntervalMs: number;
  /** Undefined for kinds that are not supported. */
  readonly createDiscoverer: (config: DiscoveryConfig) => Discoverer | undefined;
  /** Gets all groups of every job whose groups changed. */
  readonly onTargets: (jobName: string, groups: readonly TargetGroup[]) => void;
}

/** A discoverer and what it said last; jobs that ask for the same share it, and what it keeps in memory. */
interface Provider {
  readonly discoverer: Discoverer;
  groups: readonly TargetGroup[] | undefined;
}

/** What a job takes targets from. */
interface Source {
  readonly kind: DiscoveryConfig["kind"];
  readonly provider: Provider;
  /** What a source of the same kind gave before a reload replaced it; it holds until the new one says something. */
  inherited: readonly TargetGroup[] | undefined;
}

interface JobDiscovery {
  readonly sources: Map<string, Source>;
  /** Until when all sources are waited for. */
  readonly waitsUntilMs: number;
  isChanged: boolean;
}

/** Runs the discoverers of all jobs and passes their findings on in batches. */
export class DiscoveryManager {
  readonly #options: DiscoveryManagerOptions;
  readonly #providers = new Map<string, Provider>();
  readonly #jobs = new Map<string, JobDiscovery>();
  #cancelTimer: (() => void) | undefined;
  #lastUpdateMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: DiscoveryManagerOptions) {
    this.#options = options;
  }

  /** Starts and stops discoverers so that they fit the jobs; those whose settings did not change run on. */
  async applyConfig(jobs: readonly ScrapeConfig[]): Promise<void> {
    const { metrics } = this.#options;
    const names = new Set(jobs.map((job) => job.jobName));
    for (const name of this.#jobs.keys()) {
      if (names.has(name)) continue;
      this.#jobs.delete(name);
      metrics.discoveredTargets.remove({ name: "scrape", config: name });
    }
    metrics.unsupportedDiscovery.reset();
    for (const job of jobs) this.#applyJob(job);
    metrics.failedConfigs.set({ name: "scrape" }, countUnsupported(jobs));
    this.#scheduleUpdateNow();
    await this.#closeUnused();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#jobs.clear();
    await this.#closeUnused();
  }

  #applyJob(config: ScrapeConfig): void {
    const before = this.#jobs.get(config.jobName)?.sources ?? new Map<string, Source>();
    const sources = new Map<string, Source>();
    for (const each of config.discovery) {
      const key = JSON.stringify(each);
      const source = before.get(key) ?? this.#createSource(key, each, before);
      if (source !== undefined) sources.set(key, source);
    }
    const waitsUntilMs = this.#options.clock.now() + PATIENCE_MS;
    this.#jobs.set(config.jobName, { sources, waitsUntilMs, isChanged: true });
  }

  #createSource(key: string, config: DiscoveryConfig, before: ReadonlyMap<string, Source>): Source | undefined {
    const provider = this.#providers.get(key) ?? this.#startProvider(key, config);
    if (provider === undefined) return undefined;
    const former = [...before.values()].filter(({ kind }) => kind === config.kind);
    const inherited = former.length === 0 ? undefined : former.flatMap((source) => groupsOf(source) ?? []);
    return { kind: config.kind, provider, inherited };
  }

  #startProvider(key: string, config: DiscoveryConfig): Provider | undefined {
    const discoverer = this.#options.createDiscoverer(config);
    if (discoverer === undefined) {
      // Which job asks for it stands in the configuration's warnings.
      if (config.kind === "unsupported") {
        this.#options.metrics.unsupportedDiscovery.inc({ mechanism: config.mechanism });
      }
      return undefined;
    }
    const provider: Provider = { discoverer, groups: undefined };
    this.#providers.set(key, provider);
    discoverer.start((groups) => {
      this.#options.metrics.receivedUpdates.inc();
      const isFirst = provider.groups === undefined;
      provider.groups = groups;
      for (const job of this.#jobs.values()) if (job.sources.has(key)) job.isChanged = true;
      if (isFirst) this.#scheduleUpdateNow();
      else this.#scheduleUpdate();
    });
    return provider;
  }

  async #closeUnused(): Promise<void> {
    const used = new Set([...this.#jobs.values()].flatMap(({ sources }) => [...sources.keys()]));
    const closing: Promise<void>[] = [];
    for (const [key, { discoverer }] of this.#providers) {
      if (used.has(key)) continue;
      this.#providers.delete(key);
      closing.push(discoverer.close());
    }
    await Promise.all(closing);
  }

  /** What a reload brings is not made to wait for the batching of updates. */
  #scheduleUpdateNow(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#lastUpdateMs = Number.NEGATIVE_INFINITY;
    this.#scheduleUpdate();
  }

  #scheduleUpdate(): void {
    if (this.#cancelTimer !== undefined || this.#isClosed) return;
    const { clock, updateIntervalMs } = this.#options;
    const delayMs = Math.max(0, this.#lastUpdateMs + updateIntervalMs - clock.now());
    this.#cancelTimer = clock.after(delayMs, () => {
      this.#cancelTimer = undefined;
      this.#lastUpdateMs = clock.now();
      this.#update();
    });
  }

  #update(): void {
    const { metrics, onTargets, clock } = this.#options;
    metrics.updates.inc();
    for (const [name, job] of this.#jobs) {
      if (!job.isChanged) continue;
      const found = [...job.sources.values()].map(groupsOf);
      // One that has not said anything yet would look like one without targets; it must not hold up the others either.
      if (found.includes(undefined) && clock.now() < job.waitsUntilMs) {
        this.#scheduleUpdate();
        continue;
      }
      job.isChanged = false;
      const groups = found.flatMap((each) => each ?? []);
      const count = groups.reduce((sum, group) => sum + group.targets.length, 0);
      metrics.discoveredTargets.set({ name: "scrape", config: name }, count);
      onTargets(name, groups);
    }
  }
}

function groupsOf(source: Source): readonly TargetGroup[] | undefined {
  const { groups } = source.provider;
  if (groups === undefined) return source.inherited;
  source.inherited = undefined;
  return groups;
}

function countUnsupported(jobs: readonly ScrapeConfig[]): number {
  return jobs.flatMap((job) => job.discovery).filter((config) => config.kind === "unsupported").length;
}
