import { readFile } from "node:fs/promises";
import type { Clock } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import { loadPrometheusConfig, type PrometheusConfig } from "@monotreme/prometheus-config";
import type { Logger } from "@monotreme/telemetry";
import type { ScraperMetrics } from "./metrics.ts";

export interface ConfigReloaderOptions {
  readonly path: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly apply: (config: PrometheusConfig) => Promise<void>;
  readonly clock: Clock;
  readonly metrics: ScraperMetrics;
  readonly logger: Logger;
}

/** How the latest reloads went, for `/api/v1/status/runtimeinfo`. */
export interface ConfigState {
  /** When the configuration in force was applied; epoch ms, 0 before the first. */
  readonly loadedMs: number;
  /** Whether the latest reload succeeded. */
  readonly isSuccess: boolean;
}

/**
 * Reads the configuration file and applies it. A file with a fault changes nothing: what was in force stays, and the
 * fault is thrown and shown in the metrics.
 */
export class ConfigReloader {
  readonly #options: ConfigReloaderOptions;
  #current: PrometheusConfig | undefined;
  #state: ConfigState = { loadedMs: 0, isSuccess: false };
  #text: string | undefined;
  #queue: Promise<void> = Promise.resolve();
  #cancelTimer: () => void = () => undefined;
  #isClosed = false;

  constructor(options: ConfigReloaderOptions) {
    this.#options = options;
  }

  /** What is in force; undefined before the first reload. */
  get current(): PrometheusConfig | undefined {
    return this.#current;
  }

  get state(): ConfigState {
    return this.#state;
  }

  /** Applies the file as it is now; reloads run one after the other. */
  async reload(): Promise<void> {
    const reload = this.#queue.then(() => this.#reload());
    this.#queue = reload.catch(() => undefined);
    return reload;
  }

  /** Reloads whenever the file's text differs from the one last read. */
  watch(intervalMs: number): void {
    this.#cancelTimer = this.#options.clock.after(intervalMs, () => {
      void this.#reloadIfChanged().finally(() => {
        if (!this.#isClosed) this.watch(intervalMs);
      });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    await this.#queue;
  }

  async #reload(): Promise<void> {
    const { path, environment, apply, metrics, logger } = this.#options;
    try {
      this.#text = await readText(path);
      const config = await loadPrometheusConfig(path, environment);
      await apply(config);
      this.#current = config;
      this.#state = { loadedMs: Math.round(this.#options.clock.now()), isSuccess: true };
      for (const warning of config.warnings) logger.warn({ at: warning }, "configuration warning");
      metrics.configReloads.inc({ result: "success" });
      metrics.configReloadSuccessful.set(1);
      metrics.configReloadTimestamp.setToCurrentTime();
    } catch (error) {
      this.#state = { ...this.#state, isSuccess: false };
      metrics.configReloads.inc({ result: "failure" });
      metrics.configReloadSuccessful.set(0);
      throw error;
    }
  }

  /** Never rejects. */
  async #reloadIfChanged(): Promise<void> {
    const { path, logger } = this.#options;
    if ((await readText(path)) === this.#text || this.#isClosed) return;
    try {
      await this.reload();
      logger.info({ path }, "configuration reloaded");
    } catch (error) {
      logger.error({ path, reason: messageOf(error) }, "configuration not reloaded");
    }
  }
}

/** Undefined where the file cannot be read; loading it says why. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
