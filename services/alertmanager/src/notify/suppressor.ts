import { type AlertmanagerConfig, isActive, type Route } from "@monotreme/alertmanager-config";
import type { Alert } from "../alerts/alert.ts";
import type { SilenceLookup } from "../engine/alert-views.ts";
import type { SuppressionReason } from "../engine/engine-metrics.ts";
import type { InhibitionLookup } from "../inhibit/inhibitor.ts";

export interface SuppressorOptions {
  readonly timeIntervals: AlertmanagerConfig["timeIntervals"];
  readonly inhibition: InhibitionLookup;
  readonly silences: SilenceLookup;
}

export interface Suppression {
  /** What may be told. */
  readonly passed: readonly Alert[];
  readonly heldBack: readonly Alert[];
  /** How many alerts each reason took. */
  readonly counts: ReadonlyMap<SuppressionReason, number>;
}

/** Decides what of a group may be told now: inhibition first, then the route's time intervals, then silences. */
export class Suppressor {
  readonly #options: SuppressorOptions;

  constructor(options: SuppressorOptions) {
    this.#options = options;
  }

  /** Keeps the order; alerts that are free pass whatever holds others back. */
  apply(
    route: Route,
    alerts: readonly Alert[],
    nowMs: number,
    isFree: (alert: Alert) => boolean = () => false,
  ): Suppression {
    const counts = new Map<SuppressionReason, number>();
    const heldBack: Alert[] = [];
    const hold = (alert: Alert, reason: SuppressionReason): void => {
      heldBack.push(alert);
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    };
    const { inhibition, silences } = this.#options;
    const interval = this.#intervalReason(route, nowMs);
    const passed = alerts.filter((alert) => {
      if (isFree(alert)) return true;
      if (inhibition.inhibitedBy(alert.labels, nowMs) !== undefined) hold(alert, "inhibition");
      else if (interval !== undefined) hold(alert, interval);
      else if (silences.silencedBy(alert.labels).length > 0) hold(alert, "silence");
      else return true;
      return false;
    });
    return { passed, heldBack, counts };
  }

  /** Names of the intervals that hold a route's groups back at a time: muting ones, or active ones that are over. */
  mutedBy(route: Route, nowMs: number): readonly string[] {
    const active = route.activeTimeIntervals;
    if (active.length > 0 && !active.some((name) => this.#isActive(name, nowMs))) return active;
    return route.muteTimeIntervals.filter((name) => this.#isActive(name, nowMs));
  }

  #intervalReason(route: Route, nowMs: number): SuppressionReason | undefined {
    const active = route.activeTimeIntervals;
    if (active.length > 0 && !active.some((name) => this.#isActive(name, nowMs))) return "active_time_interval";
    return route.muteTimeIntervals.some((name) => this.#isActive(name, nowMs)) ? "mute_time_interval" : undefined;
  }

  #isActive(name: string, nowMs: number): boolean {
    const interval = this.#options.timeIntervals.get(name);
    return interval !== undefined && isActive(interval, new Date(nowMs));
  }
}
