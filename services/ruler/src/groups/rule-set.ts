import type { Clock } from "@monotreme/clock";
import { DEFAULT_TENANT } from "@monotreme/contracts";
import { messageOf } from "@monotreme/errors";
import { loadPrometheusConfig, type PrometheusConfig } from "@monotreme/prometheus-config";
import type { ParseRulesOptions } from "@monotreme/rules";
import type { Logger } from "@monotreme/telemetry";
import type { GroupDefinition } from "../evaluation/group-definition.ts";
import type { ObjectRules } from "../kubernetes/object-rules.ts";
import type { RulerMetrics } from "../metrics.ts";
import type { Notifier } from "../sending/notifier.ts";
import { defineGroup, readFileGroups, ruleFilesFingerprint } from "./file-groups.ts";
import type { GroupManager } from "./group-manager.ts";
import type { GroupStore } from "./group-store.ts";

export interface RuleSetOptions {
  readonly configFile: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly rules: ParseRulesOptions;
  readonly store: GroupStore;
  /** Rules in objects of Kubernetes, where these are followed. */
  readonly objects: Pick<ObjectRules, "all"> | undefined;
  readonly manager: Pick<GroupManager, "apply">;
  readonly notifier: Pick<Notifier, "applyConfig">;
  readonly metrics: RulerMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * All groups there are: those of the rule files, of objects of Kubernetes and those made by API. A reload with any fault changes nothing; changes
 * are applied one after the other.
 */
export class RuleSet {
  readonly #options: RuleSetOptions;
  #config: PrometheusConfig | undefined;
  #fileGroups: readonly GroupDefinition[] = [];
  #queue: Promise<void> = Promise.resolve();
  #isApplyDue = false;
  /** Of the files that were read last, whether they could be used or not. */
  #fingerprint = "";
  #cancelTimer: () => void = () => undefined;
  #isClosed = false;

  constructor(options: RuleSetOptions) {
    this.#options = options;
  }

  /** The configuration in force; undefined before the first reload. */
  get config(): PrometheusConfig | undefined {
    return this.#config;
  }

  /** Reads configuration and rule files again; throws `CONFIG_FILE_INVALID` or `RULE_FILE_INVALID`. */
  async reload(): Promise<void> {
    await this.#enqueue(async () => this.#reload());
  }

  /** Reloads whenever the configuration or a rule file differs from what was read last. */
  watch(intervalMs: number): void {
    this.#cancelTimer = this.#options.clock.after(intervalMs, () => {
      void this.#reloadIfChanged().finally(() => {
        if (!this.#isClosed) this.watch(intervalMs);
      });
    });
  }

  /** Ends the watch; resolves when nothing is applied any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    await this.#queue;
  }

  /** Groups made by API or in objects have changed; several changes may be applied together. */
  groupsChanged(): void {
    if (this.#isApplyDue || this.#config === undefined) return;
    this.#isApplyDue = true;
    void this.#enqueue(async () => this.#apply()).catch((error: unknown) => {
      this.#options.logger.error({ reason: messageOf(error) }, "rule groups not applied");
    });
  }

  async #reload(): Promise<void> {
    const { configFile, environment, rules, notifier, metrics, logger } = this.#options;
    try {
      this.#fingerprint = await this.#filesNow(this.#config);
      const config = await loadPrometheusConfig(configFile, environment);
      this.#fingerprint = await this.#filesNow(config);
      const { definitions, warnings } = await readFileGroups(config, rules);
      for (const warning of warnings) logger.warn({ at: warning }, "rule file warning");
      this.#config = config;
      this.#fileGroups = definitions;
      await notifier.applyConfig(config.alerting, config.global.externalLabels);
      await this.#apply();
    } catch (error) {
      metrics.reloads.inc({ result: "failure" });
      metrics.reloadSuccessful.set(0);
      throw error;
    }
    metrics.reloads.inc({ result: "success" });
    metrics.reloadSuccessful.set(1);
    metrics.reloadTimestamp.setToCurrentTime();
  }

  /** Never rejects. */
  async #reloadIfChanged(): Promise<void> {
    const { configFile, logger } = this.#options;
    if ((await this.#filesNow(this.#config)) === this.#fingerprint || this.#isClosed) return;
    try {
      await this.reload();
      logger.info({ path: configFile }, "rules reloaded");
    } catch (error) {
      logger.error({ path: configFile, reason: messageOf(error) }, "rules not reloaded");
    }
  }

  async #filesNow(config: PrometheusConfig | undefined): Promise<string> {
    return ruleFilesFingerprint([this.#options.configFile, ...(config?.ruleFiles ?? [])]);
  }

  async #apply(): Promise<void> {
    this.#isApplyDue = false;
    const { store, objects, manager } = this.#options;
    const global = this.#config?.global;
    if (global === undefined) return;
    const stored = store.all.map(({ tenant, namespace, group }) =>
      defineGroup({ tenant, origin: "api", file: namespace }, group, global),
    );
    const followed = (objects?.all ?? []).map(({ file, group }) =>
      defineGroup({ tenant: DEFAULT_TENANT, origin: "kubernetes", file }, group, global),
    );
    await manager.apply([...this.#fileGroups, ...followed, ...stored]);
  }

  async #enqueue(task: () => Promise<void>): Promise<void> {
    const run = this.#queue.then(task);
    this.#queue = run.catch(() => undefined);
    return run;
  }
}
