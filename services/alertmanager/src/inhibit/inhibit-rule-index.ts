import { type InhibitRule, matchesLabels } from "@monotreme/alertmanager-config";
import { type Alert, isResolvedAt, type LabelSet, labelOf } from "../alerts/alert.ts";

interface Source {
  readonly alert: Alert;
  /** It matches the target side too, so it cannot inhibit others that do both. */
  readonly isTarget: boolean;
}

/** The alerts that match one rule's source side, by the values of the labels in which target and source must agree. */
export class InhibitRuleIndex {
  readonly #rule: InhibitRule;
  readonly #sources = new Map<string, Map<string, Source>>();

  constructor(rule: InhibitRule) {
    this.#rule = rule;
  }

  /** Takes an alert in, or its newer state; others than sources are ignored. */
  add(alert: Alert): void {
    if (!matchesLabels(this.#rule.sourceMatchers, alert.labels)) return;
    const key = this.#keyOf(alert.labels);
    let sources = this.#sources.get(key);
    if (sources === undefined) {
      sources = new Map();
      this.#sources.set(key, sources);
    }
    const isTarget = sources.get(alert.fingerprint)?.isTarget ?? matchesLabels(this.#rule.targetMatchers, alert.labels);
    sources.set(alert.fingerprint, { alert, isTarget });
  }

  remove(alert: Alert): void {
    const key = this.#keyOf(alert.labels);
    const sources = this.#sources.get(key);
    if (sources === undefined) return;
    sources.delete(alert.fingerprint);
    if (sources.size === 0) this.#sources.delete(key);
  }

  /** Fingerprint of the firing source with the latest end that inhibits these labels. */
  sourceFor(labels: LabelSet, nowMs: number): string | undefined {
    if (this.#sources.size === 0 || !matchesLabels(this.#rule.targetMatchers, labels)) return undefined;
    const sources = this.#sources.get(this.#keyOf(labels));
    if (sources === undefined) return undefined;
    const isBothSided = matchesLabels(this.#rule.sourceMatchers, labels);
    let best: Alert | undefined;
    for (const { alert, isTarget } of sources.values()) {
      if (isResolvedAt(alert, nowMs) || (isBothSided && isTarget)) continue;
      if (best === undefined || alert.endsAtMs > best.endsAtMs) best = alert;
    }
    return best?.fingerprint;
  }

  #keyOf(labels: LabelSet): string {
    let key = "";
    for (const name of this.#rule.equal) {
      const value = labelOf(labels, name);
      key += `${value.length}:${value}`;
    }
    return key;
  }
}
