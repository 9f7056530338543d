import type { InhibitRule } from "@monotreme/alertmanager-config";
import type { Alert, LabelSet } from "../alerts/alert.ts";
import type { AlertListener, AlertStore } from "../alerts/alert-store.ts";
import { InhibitRuleIndex } from "./inhibit-rule-index.ts";

/** Which alert inhibits another now. */
export interface InhibitionLookup {
  /** The fingerprint of one firing alert that inhibits these labels, by the first rule that does. */
  inhibitedBy(labels: LabelSet, nowMs: number): string | undefined;
}

/** Follows the alerts and keeps, for each rule, those that can inhibit others. Knows all alerts once it is made. */
export class Inhibitor implements InhibitionLookup, AlertListener {
  readonly #rules: readonly InhibitRuleIndex[];
  readonly #unsubscribe: () => void;

  constructor(rules: readonly InhibitRule[], alerts: AlertStore) {
    this.#rules = rules.map((rule) => new InhibitRuleIndex(rule));
    for (const alert of alerts.values()) this.onAlert(alert);
    this.#unsubscribe = alerts.subscribe(this);
  }

  inhibitedBy(labels: LabelSet, nowMs: number): string | undefined {
    for (const rule of this.#rules) {
      const source = rule.sourceFor(labels, nowMs);
      if (source !== undefined) return source;
    }
    return undefined;
  }

  onAlert(alert: Alert): void {
    for (const rule of this.#rules) rule.add(alert);
  }

  onRemoved(alert: Alert): void {
    for (const rule of this.#rules) rule.remove(alert);
  }

  close(): void {
    this.#unsubscribe();
  }
}
