import { groupKeyOf, groupLabelsOf, matchRoutes, type Route } from "@monotreme/alertmanager-config";
import type { Alert, LabelSet } from "../alerts/alert.ts";
import type { AlertListener, AlertStore } from "../alerts/alert-store.ts";
import { labelSetKey } from "./notification-alerts.ts";

/** One group that an alert belongs to. */
export interface GroupTarget {
  /** Tells all groups apart; group keys do not where sibling routes have equal matchers. */
  readonly groupId: string;
  readonly groupKey: string;
  readonly route: Route;
  readonly labels: LabelSet;
}

interface SharedTarget {
  readonly target: GroupTarget;
  alerts: number;
}

/**
 * Finds the groups of alerts under one routing tree. What it found is kept until the alert is removed from the store,
 * because labels never change; alerts of one group share its target.
 */
export class GroupRouter implements AlertListener {
  readonly #root: Route;
  readonly #targets = new Map<string, readonly GroupTarget[]>();
  readonly #shared = new Map<string, SharedTarget>();
  readonly #unsubscribe: () => void;

  constructor(root: Route, alerts: AlertStore) {
    this.#root = root;
    this.#unsubscribe = alerts.subscribe(this);
  }

  targetsOf(alert: Alert): readonly GroupTarget[] {
    let targets = this.#targets.get(alert.fingerprint);
    if (targets === undefined) {
      targets = matchRoutes(this.#root, alert.labels).map((route) => this.#share(route, alert.labels));
      this.#targets.set(alert.fingerprint, targets);
    }
    return targets;
  }

  onAlert(): void {
    // Found when somebody asks.
  }

  onRemoved(alert: Alert): void {
    for (const { groupId } of this.#targets.get(alert.fingerprint) ?? []) {
      const shared = this.#shared.get(groupId);
      if (shared !== undefined && --shared.alerts === 0) this.#shared.delete(groupId);
    }
    this.#targets.delete(alert.fingerprint);
  }

  close(): void {
    this.#unsubscribe();
  }

  #share(route: Route, alertLabels: LabelSet): GroupTarget {
    const labels = groupLabelsOf(route, alertLabels);
    const groupId = `${route.id}:${labelSetKey(labels)}`;
    let shared = this.#shared.get(groupId);
    if (shared === undefined) {
      shared = { target: { groupId, groupKey: groupKeyOf(route, labels), route, labels }, alerts: 0 };
      this.#shared.set(groupId, shared);
    }
    shared.alerts++;
    return shared.target;
  }
}
