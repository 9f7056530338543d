import { type Clock, sleep } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import type { KubernetesDiscoveryConfig } from "@monotreme/prometheus-config";
import type { Logger } from "@monotreme/telemetry";
import type { DiscoveryMetrics } from "../discovery-metrics.ts";
import type { Discoverer, TargetGroup } from "../target-group.ts";
import type { KubernetesApi } from "./api/kubernetes-api.ts";
import { FollowedObjects } from "./followed-objects.ts";
import { retryDelayMs } from "./retry-delay.ts";
import { RoleGroups } from "./role-groups.ts";

/** Changes within this time are passed on together. */
const SETTLE_MS = 100;

export interface KubernetesDiscoveryOptions {
  readonly api: KubernetesApi;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: DiscoveryMetrics;
  /** From 0 up to 1; spreads the requests of many processes. */
  readonly random: () => number;
}

/**
 * Targets from the objects of a Kubernetes cluster, one group an object. A namespace's targets are given once all that
 * they are made of has been listed there; from then on they follow the objects, and no fault of the API server takes
 * any away.
 */
export class KubernetesDiscovery implements Discoverer {
  readonly #config: KubernetesDiscoveryConfig;
  readonly #options: KubernetesDiscoveryOptions;
  readonly #groups: RoleGroups;
  readonly #objects: FollowedObjects;
  readonly #stopping = new AbortController();
  #onGroups: (groups: readonly TargetGroup[]) => void = () => undefined;
  #cancelTimer: (() => void) | undefined;
  #starting: Promise<void> | undefined;

  constructor(config: KubernetesDiscoveryConfig, options: KubernetesDiscoveryOptions) {
    this.#config = config;
    this.#options = options;
    this.#objects = new FollowedObjects(config, {
      ...options,
      onChanged: (kind, key) => {
        this.#groups.markChanged(kind, key);
        this.#schedule();
      },
      onSynced: () => this.#schedule(),
    });
    this.#groups = new RoleGroups(config, this.#objects, options.logger);
  }

  start(onGroups: (groups: readonly TargetGroup[]) => void): void {
    this.#onGroups = onGroups;
    this.#starting ??= this.#follow();
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.#cancelTimer?.();
    await this.#starting;
    await this.#objects.close();
    this.#options.api.close();
  }

  async #follow(): Promise<void> {
    const namespaces = await this.#namespaces();
    if (!this.#stopping.signal.aborted) this.#objects.follow(namespaces);
  }

  /** [""] stands for all. */
  async #namespaces(): Promise<readonly string[]> {
    const { namespaces, ownNamespace } = this.#config;
    if (!ownNamespace) return namespaces.length === 0 ? [""] : [...new Set(namespaces)];
    const own = await this.#ownNamespace();
    return [...new Set([...namespaces, own])];
  }

  async #ownNamespace(): Promise<string> {
    const { api, clock, logger, metrics, random } = this.#options;
    for (let failures = 1; !this.#stopping.signal.aborted; failures++) {
      try {
        return await api.ownNamespace();
      } catch (error) {
        metrics.kubernetesFailures.inc();
        if (failures === 1) logger.error({ reason: messageOf(error) }, "own namespace not known");
        await sleep(clock, retryDelayMs(failures, random()), this.#stopping.signal);
      }
    }
    return "";
  }

  #schedule(): void {
    this.#cancelTimer ??= this.#options.clock.after(SETTLE_MS, () => {
      this.#cancelTimer = undefined;
      const groups = this.#groups.rebuild();
      if (groups !== undefined) this.#onGroups(groups);
    });
  }
}
