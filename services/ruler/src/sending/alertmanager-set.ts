import type { AlertEvent } from "@monotreme/contracts";
import { Labels } from "@monotreme/model";
import type { AlertmanagerTargetConfig } from "@monotreme/prometheus-config";
import { compileRelabelConfigs, type RelabelRules } from "@monotreme/relabel";
import { relabelEvents } from "./alert-event.ts";
import { AlertmanagerQueue, type QueueMeter } from "./alertmanager-queue.ts";
import { type DiscoveredTarget, TargetGroups, type TargetGroupsOptions } from "./target-groups.ts";

/** Posts a body of JSON; rejects unless the answer is 2xx. */
export interface AlertPoster {
  post(url: string, body: string, signal: AbortSignal): Promise<void>;
  close(): void;
}

export interface AlertmanagerSetOptions extends TargetGroupsOptions {
  readonly poster: AlertPoster;
  readonly capacity: number;
  readonly batchSize: number;
  readonly drains: boolean;
  readonly createMeter: (url: string) => QueueMeter;
}

const PATH_LABEL = "__alerts_path__";

/** The Alertmanagers of one entry of `alerting.alertmanagers`; each has a queue of its own. */
export class AlertmanagerSet {
  readonly config: AlertmanagerTargetConfig;
  readonly #options: AlertmanagerSetOptions;
  readonly #targets: TargetGroups;
  readonly #relabel: RelabelRules;
  readonly #relabelAlerts: RelabelRules;
  readonly #queues = new Map<string, AlertmanagerQueue>();
  #dropped: readonly string[] = [];

  constructor(config: AlertmanagerTargetConfig, options: AlertmanagerSetOptions) {
    this.config = config;
    this.#options = options;
    this.#targets = new TargetGroups(config.discovery, options);
    this.#relabel = compileRelabelConfigs(config.relabelConfigs);
    this.#relabelAlerts = compileRelabelConfigs(config.alertRelabelConfigs);
  }

  get activeUrls(): readonly string[] {
    return [...this.#queues.keys()];
  }

  /** What relabelling left out. */
  get droppedUrls(): readonly string[] {
    return this.#dropped;
  }

  get isDynamic(): boolean {
    return this.#targets.isDynamic;
  }

  /** Looks for Alertmanagers again; queues of those that are gone end with what they hold. */
  async refresh(): Promise<void> {
    const dropped: string[] = [];
    const wanted = new Set<string>();
    for (const target of await this.#targets.read()) {
      const { url, isDropped } = this.#addressOf(target);
      if (isDropped) dropped.push(url);
      else wanted.add(url);
    }
    this.#dropped = dropped;
    for (const [url, queue] of this.#queues) {
      if (wanted.has(url)) continue;
      this.#queues.delete(url);
      void queue.close(AbortSignal.abort(), false);
    }
    for (const url of wanted) if (!this.#queues.has(url)) this.#queues.set(url, this.#createQueue(url));
  }

  send(events: readonly AlertEvent[]): void {
    const relabelled = relabelEvents(events, {}, this.#relabelAlerts);
    if (relabelled.length === 0) return;
    for (const queue of this.#queues.values()) queue.add(relabelled);
  }

  async close(deadline: AbortSignal): Promise<void> {
    await Promise.all([...this.#queues.values()].map(async (queue) => queue.close(deadline, this.#options.drains)));
    this.#queues.clear();
    await this.#targets.close();
    this.#options.poster.close();
  }

  #addressOf(target: DiscoveredTarget): { readonly url: string; readonly isDropped: boolean } {
    const { scheme, pathPrefix } = this.config;
    const path = `${pathPrefix.replace(/\/+$/, "")}/api/v2/alerts`.replace(/^\/*/, "/");
    const before = Labels.fromObject({ ...target, __scheme__: scheme, [PATH_LABEL]: path });
    const after = this.#relabel.apply(before);
    const labels = after ?? before;
    const url = `${labels.get("__scheme__")}://${labels.get("__address__")}${labels.get(PATH_LABEL)}`;
    return { url, isDropped: after === undefined || !URL.canParse(url) };
  }

  #createQueue(url: string): AlertmanagerQueue {
    const { poster, capacity, batchSize, createMeter, logger } = this.#options;
    return new AlertmanagerQueue({
      post: async (alerts, signal) => {
        const timeout = AbortSignal.timeout(this.config.timeoutMs);
        await poster.post(url, JSON.stringify(alerts), AbortSignal.any([signal, timeout]));
      },
      capacity,
      batchSize,
      meter: createMeter(url),
      logger: logger.child({ alertmanager: shownUrl(url) }),
    });
  }
}

/** Without credentials. */
function shownUrl(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//");
}
