import type { Expression } from "@monotreme/promql";

/** A group of rules as a file or an API request has it; durations in ms, undefined where the global setting holds. */
export interface RuleGroupConfig {
  readonly name: string;
  readonly intervalMs: number | undefined;
  readonly queryOffsetMs: number | undefined;
  /** Series or alerts that one rule may give; 0: any number. */
  readonly limit: number;
  /** For every rule that does not set them itself. */
  readonly labels: Readonly<Record<string, string>>;
  readonly rules: readonly RuleConfig[];
}

interface RuleConfigBase {
  /** As written. */
  readonly expr: string;
  readonly expression: Expression;
  /** The rule's own, without those of its group. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A rule that stores what its expression gives under a new name. */
export interface RecordingRuleConfig extends RuleConfigBase {
  readonly kind: "recording";
  readonly name: string;
}

/** A rule that makes an alert of each series of its expression; labels and annotations are templates. */
export interface AlertingRuleConfig extends RuleConfigBase {
  readonly kind: "alerting";
  readonly name: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly annotations: Readonly<Record<string, string>>;
}

export type RuleConfig = RecordingRuleConfig | AlertingRuleConfig;

/** The labels of a rule with those of its group that it does not set itself. */
export function labelsOfRule(
  group: Pick<RuleGroupConfig, "labels">,
  rule: Pick<RuleConfig, "labels">,
): Readonly<Record<string, string>> {
  return { ...group.labels, ...rule.labels };
}
