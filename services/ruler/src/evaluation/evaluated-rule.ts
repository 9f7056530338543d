import type { RuleGroupConfig } from "@monotreme/rules";
import { labelsOfRule } from "@monotreme/rules";
import { AlertingRule } from "./alerting-rule.ts";
import { ruleKeys } from "./group-definition.ts";
import { RecordingRule } from "./recording-rule.ts";
import type { RecordedSeries } from "./sample-recorder.ts";

/** A rule of a group and how its last evaluation went. */
export interface EvaluatedRule {
  /** The same before and after a reload. */
  readonly key: string;
  readonly rule: RecordingRule | AlertingRule;
  health: "unknown" | "ok" | "err";
  lastError: string | undefined;
  evaluationSeconds: number;
  /** Epoch ms; undefined before the first. */
  lastEvaluationMs: number | undefined;
  /** The series that its last evaluation wrote, by the key of their labels. */
  previous: ReadonlyMap<string, RecordedSeries>;
}

/** The rules of a group, not evaluated yet. */
export function rulesOfGroup(config: RuleGroupConfig): readonly EvaluatedRule[] {
  const rules = config.rules.map((rule) => {
    const labels = labelsOfRule(config, rule);
    return rule.kind === "recording" ? new RecordingRule(rule, labels) : new AlertingRule(rule, labels);
  });
  const keys = ruleKeys(rules);
  return rules.map((rule, index) => ({
    key: keys[index] ?? "",
    rule,
    health: "unknown",
    lastError: undefined,
    evaluationSeconds: 0,
    lastEvaluationMs: undefined,
    previous: new Map(),
  }));
}
