import type { Clock } from "@monotreme/clock";
import { createStaticDiscovery, type Discoverer, FileDiscovery, type TargetGroup } from "@monotreme/discovery";
import type { DiscoveryConfig, ScrapeConfig } from "@monotreme/prometheus-config";
import type { Logger } from "@monotreme/telemetry";
import type { ScraperMetrics } from "../metrics.ts";

/** Updates of discoverers are passed on at most this often; the first comes at once. */
const UPDATE_INTERVAL_MS = 5000;

export interface DiscoveryManagerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ScraperMetrics;
  /** Gets all groups of every job whose groups changed. */
  readonly onTargets: (jobName: string, groups: readonly TargetGroup[]) => void;
}

interface JobDiscovery {
  readonly discoverers: Map<string, { readonly discoverer: Discoverer; groups: readonly TargetGroup[] | undefined }>;
  isChanged: boolean;
}

/** Runs the discoverers of all jobs and passes their findings on in batches. */
export class DiscoveryManager {
  readonly #options: DiscoveryManagerOptions;
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
    const closing: Promise<void>[] = [];
    for (const [name, job] of this.#jobs) {
      if (names.has(name)) continue;
      for (const { discoverer } of job.discoverers.values()) closing.push(discoverer.close());
      this.#jobs.delete(name);
      metrics.discoveredTargets.remove({ name: "scrape", config: name });
    }
    metrics.unsupportedDiscovery.reset();
    for (const job of jobs) closing.push(...this.#applyJob(job));
    metrics.failedConfigs.set({ name: "scrape" }, countUnsupported(jobs));
    this.#scheduleUpdateNow();
    await Promise.all(closing);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    const all = [...this.#jobs.values()].flatMap((job) => [...job.discoverers.values()]);
    await Promise.all(all.map(({ discoverer }) => discoverer.close()));
  }

  #applyJob(config: ScrapeConfig): Promise<void>[] {
    const job = this.#jobs.get(config.jobName) ?? { discoverers: new Map(), isChanged: true };
    this.#jobs.set(config.jobName, job);
    job.isChanged = true;
    const wanted = new Map(config.discovery.map((each) => [JSON.stringify(each), each]));
    const closing: Promise<void>[] = [];
    for (const [key, { discoverer }] of job.discoverers) {
      if (wanted.has(key)) continue;
      closing.push(discoverer.close());
      job.discoverers.delete(key);
    }
    for (const [key, each] of wanted) if (!job.discoverers.has(key)) this.#startDiscoverer(job, key, each);
    return closing;
  }

  #startDiscoverer(job: JobDiscovery, key: string, config: DiscoveryConfig): void {
    const discoverer = this.#createDiscoverer(config);
    if (discoverer === undefined) return;
    const running = { discoverer, groups: undefined as readonly TargetGroup[] | undefined };
    job.discoverers.set(key, running);
    discoverer.start((groups) => {
      this.#options.metrics.receivedUpdates.inc();
      const isFirst = running.groups === undefined;
      running.groups = groups;
      job.isChanged = true;
      if (isFirst) this.#scheduleUpdateNow();
      else this.#scheduleUpdate();
    });
  }

  #createDiscoverer(config: DiscoveryConfig): Discoverer | undefined {
    const { clock, logger, metrics } = this.#options;
    switch (config.kind) {
      case "static":
        return createStaticDiscovery(config.groups);
      case "file":
        return new FileDiscovery({
          patterns: config.patterns,
          refreshIntervalMs: config.refreshIntervalMs,
          clock,
          logger,
          onFault: () => metrics.refreshFailures.inc({ mechanism: "file" }),
        });
      case "unsupported":
        // Which job asks for it stands in the configuration's warnings.
        metrics.unsupportedDiscovery.inc({ mechanism: config.mechanism });
        return undefined;
    }
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
    const { clock } = this.#options;
    const delayMs = Math.max(0, this.#lastUpdateMs + UPDATE_INTERVAL_MS - clock.now());
    this.#cancelTimer = clock.after(delayMs, () => {
      this.#cancelTimer = undefined;
      this.#lastUpdateMs = clock.now();
      this.#update();
    });
  }

  #update(): void {
    const { metrics, onTargets } = this.#options;
    metrics.updates.inc();
    for (const [name, job] of this.#jobs) {
      if (!job.isChanged) continue;
      const running = [...job.discoverers.values()];
      // A discoverer that has not reported yet would look like one without targets.
      if (running.some(({ groups }) => groups === undefined)) continue;
      job.isChanged = false;
      const groups = running.flatMap((each) => each.groups ?? []);
      const count = groups.reduce((sum, group) => sum + group.targets.length, 0);
      metrics.discoveredTargets.set({ name: "scrape", config: name }, count);
      onTargets(name, groups);
    }
  }
}

function countUnsupported(jobs: readonly ScrapeConfig[]): number {
  return jobs.flatMap((job) => job.discovery).filter((config) => config.kind === "unsupported").length;
}
