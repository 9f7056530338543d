import type { TargetGroup } from "@monotreme/discovery";
import type { PrometheusConfig } from "@monotreme/prometheus-config";
import { ScrapePool, type ScrapePoolContext } from "./scrape-pool.ts";

/** Owns the pools of all jobs. */
export class ScrapeManager {
  readonly #context: ScrapePoolContext;
  readonly #name: string;
  readonly #pools = new Map<string, ScrapePool>();
  /** Pools of removed jobs, until the process ends: their loops may still owe stale markers. */
  readonly #removed = new Set<ScrapePool>();

  /** The name shifts the grid, so that two scrapers of the same targets do not ask at the same moment. */
  constructor(context: ScrapePoolContext, name: string) {
    this.#context = context;
    this.#name = name;
  }

  get pools(): Iterable<ScrapePool> {
    return this.#pools.values();
  }

  /** Makes the pools fit the jobs; loops of targets whose job did not change run on. */
  async applyConfig(config: PrometheusConfig): Promise<void> {
    const seed = JSON.stringify([this.#name, config.global.externalLabels]);
    const names = new Set(config.scrapeConfigs.map((job) => job.jobName));
    for (const [name, pool] of this.#pools) {
      if (names.has(name)) continue;
      this.#pools.delete(name);
      this.#removed.add(pool);
      pool.remove();
    }
    for (const job of config.scrapeConfigs) {
      const pool = this.#pools.get(job.jobName) ?? this.#takeBack(job.jobName);
      this.#pools.set(job.jobName, pool ?? new ScrapePool(job, seed, this.#context));
      await pool?.applyConfig(job, seed);
    }
    for (const pool of this.#removed) if (pool.isIdle) await this.#forget(pool);
  }

  sync(jobName: string, groups: readonly TargetGroup[]): void {
    this.#pools.get(jobName)?.sync(groups);
  }

  /** Begins with targets that have become this scraper's. */
  takeOwn(): void {
    for (const pool of this.#pools.values()) pool.takeOwn();
  }

  /** Stops scraping what belongs to another scraper; resolves when all has stopped. */
  async leaveOthers(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(async (pool) => pool.leaveOthers()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values(), ...this.#removed].map((pool) => pool.close()));
  }

  /** A job that comes back in time finds its targets' series still live. */
  #takeBack(jobName: string): ScrapePool | undefined {
    const pool = [...this.#removed].find(({ config }) => config.jobName === jobName);
    if (pool !== undefined) this.#removed.delete(pool);
    return pool;
  }

  async #forget(pool: ScrapePool): Promise<void> {
    this.#removed.delete(pool);
    await pool.close();
  }
}
