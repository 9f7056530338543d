import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
  type AlertmanagerConfig,
  loadAlertmanagerConfig,
  type MatcherMode,
  parseAlertmanagerConfig,
} from "@monotreme/alertmanager-config";
import type { Logger } from "@monotreme/telemetry";
import type { ConfigMetrics } from "../metrics.ts";
import { countIntegrations } from "./count-integrations.ts";

export interface ConfigurationOptions {
  /** `alertmanager.yml`; undefined: routes to nobody, so that alerts are shown and nobody is notified. */
  readonly path: string | undefined;
  readonly ntfyPath: string | undefined;
  readonly matcherMode: MatcherMode;
  readonly metrics: ConfigMetrics;
  readonly logger: Logger;
  readonly now: () => number;
}

const NOBODY_YAML = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n";

/**
 * The configuration in force. A reload reads the files again; where they are faulty, or where taking them over fails,
 * everything stays as it was and the metrics say so.
 */
export class Configuration {
  readonly #options: ConfigurationOptions;
  #current: AlertmanagerConfig;
  #reloading: Promise<void> = Promise.resolve();

  private constructor(options: ConfigurationOptions, current: AlertmanagerConfig) {
    this.#options = options;
    this.#current = current;
  }

  /** Throws `CONFIG_FILE_INVALID` with every fault. */
  static async load(options: ConfigurationOptions): Promise<Configuration> {
    const config = await read(options);
    const configuration = new Configuration(options, config);
    await configuration.#report(config);
    return configuration;
  }

  get current(): AlertmanagerConfig {
    return this.#current;
  }

  /** Reads the files and hands them to `apply`; rejects with the fault of either. Reloads follow one another. */
  async reload(apply: (config: AlertmanagerConfig) => void | Promise<void>): Promise<void> {
    const reload = this.#reloading.then(async () => this.#reload(apply));
    this.#reloading = reload.catch(() => undefined);
    return reload;
  }

  async #reload(apply: (config: AlertmanagerConfig) => void | Promise<void>): Promise<void> {
    const { metrics } = this.#options;
    try {
      const config = await read(this.#options);
      await apply(config);
      this.#current = config;
      await this.#report(config);
    } catch (error) {
      metrics.isLastReloadSuccessful.set(0);
      throw error;
    }
  }

  async #report(config: AlertmanagerConfig): Promise<void> {
    const { metrics, logger, now, path } = this.#options;
    for (const warning of config.warnings) logger.warn({ warning }, "the configuration has something to look at");
    metrics.isLastReloadSuccessful.set(1);
    metrics.lastReloadSuccessSeconds.set(Math.floor(now() / 1000));
    metrics.hash.set(hashOf(path === undefined ? NOBODY_YAML : await readFile(path)));
    metrics.receivers.set(config.receivers.length);
    metrics.integrations.set(countIntegrations(config.receivers));
    metrics.inhibitionRules.set(config.inhibitRules.length);
  }
}

async function read({ path, ntfyPath, matcherMode }: ConfigurationOptions): Promise<AlertmanagerConfig> {
  if (path !== undefined) return loadAlertmanagerConfig(path, { matcherMode, ntfyPath });
  return parseAlertmanagerConfig({ fileName: "default", folder: ".", text: NOBODY_YAML }, { matcherMode });
}

/** As upstream: the first 48 bits of the MD5, which a double holds. */
function hashOf(text: string | Buffer): number {
  return createHash("md5").update(text).digest().readUIntBE(0, 6);
}
