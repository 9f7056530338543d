import type { Clock } from "@monotreme/clock";
import type { AlertEvent } from "@monotreme/contracts";
import type { AlertingConfig, AlertmanagerTargetConfig } from "@monotreme/prometheus-config";
import { compileRelabelConfigs, type RelabelRules } from "@monotreme/relabel";
import { relabelEvents } from "./alert-event.ts";
import { AlertmanagerSet, type AlertmanagerSetOptions } from "./alertmanager-set.ts";

/** How often files with addresses are read again. */
const REFRESH_MS = 5000;

export interface NotifierOptions extends Omit<AlertmanagerSetOptions, "poster" | "onFound"> {
  readonly createPoster: (config: AlertmanagerTargetConfig) => AlertmanagerSetOptions["poster"];
  readonly clock: Clock;
  readonly onDiscovered: (count: number) => void;
}

/** Sends alerts to the Alertmanagers of `prometheus.yml`: to every one that is discovered. */
export class Notifier {
  readonly #options: NotifierOptions;
  #sets: readonly AlertmanagerSet[] = [];
  #externalLabels: Readonly<Record<string, string>> = {};
  #relabel: RelabelRules = compileRelabelConfigs([]);
  #cancelTimer: () => void = () => undefined;
  #isClosed = false;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  get activeUrls(): readonly string[] {
    return this.#sets.flatMap(({ activeUrls }) => activeUrls);
  }

  get droppedUrls(): readonly string[] {
    return this.#sets.flatMap(({ droppedUrls }) => droppedUrls);
  }

  /** Takes a new configuration; queues of Alertmanagers whose settings stay keep what they hold. */
  async applyConfig(alerting: AlertingConfig, externalLabels: Readonly<Record<string, string>>): Promise<void> {
    this.#externalLabels = externalLabels;
    this.#relabel = compileRelabelConfigs(alerting.alertRelabelConfigs);
    const unused = new Map(this.#sets.map((set) => [keyOf(set.config), set]));
    const sets = alerting.alertmanagers.map((config) => {
      const kept = unused.get(keyOf(config));
      unused.delete(keyOf(config));
      return kept ?? this.#createSet(config);
    });
    this.#sets = sets;
    for (const set of unused.values()) void set.close(AbortSignal.timeout(REFRESH_MS));
    await this.#refresh();
  }

  /** The alerts as they leave: with external labels and relabelled; each entry's own relabelling comes after. */
  prepare(events: readonly AlertEvent[]): readonly AlertEvent[] {
    return relabelEvents(events, this.#externalLabels, this.#relabel);
  }

  /** Queues prepared alerts for every Alertmanager. */
  send(events: readonly AlertEvent[]): void {
    for (const set of this.#sets) set.send(events);
  }

  async close(deadline: AbortSignal): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    await Promise.all(this.#sets.map(async (set) => set.close(deadline)));
  }

  #createSet(config: AlertmanagerTargetConfig): AlertmanagerSet {
    const poster = this.#options.createPoster(config);
    return new AlertmanagerSet(config, { ...this.#options, poster, onFound: () => this.#refreshAt(0) });
  }

  #refreshAt(delayMs: number): void {
    this.#cancelTimer();
    if (this.#isClosed) return;
    this.#cancelTimer = this.#options.clock.after(delayMs, () => void this.#refresh());
  }

  async #refresh(): Promise<void> {
    this.#cancelTimer();
    await Promise.all(this.#sets.map(async (set) => set.refresh()));
    this.#options.onDiscovered(this.activeUrls.length);
    if (this.#sets.some(({ isDynamic }) => isDynamic)) this.#refreshAt(REFRESH_MS);
  }
}

function keyOf({ fingerprint, discovery }: AlertmanagerTargetConfig): string {
  return JSON.stringify([fingerprint, discovery]);
}
