import type { DescribedRule, DescribedRuleGroup, RuleAlert, RulesQuestion } from "@monotreme/contracts";
import { printExpression } from "@monotreme/promql";
import type { ActiveAlert } from "../evaluation/active-alert.ts";
import type { EvaluatedRule } from "../evaluation/evaluated-rule.ts";
import type { RuleGroup } from "../evaluation/rule-group.ts";

/** Go's zero time, for what has not happened. */
const NEVER = "0001-01-01T00:00:00Z";

/** A group as the API shows it, with the rules that the question asks for; undefined where none are left. */
export function describeGroup(group: RuleGroup, question: RulesQuestion): DescribedRuleGroup | undefined {
  const { definition } = group;
  const { config, file, tenant } = definition;
  if (tenant !== question.tenant) return undefined;
  if (!isWanted(question.groupNames, config.name) || !isWanted(question.files, file)) return undefined;
  const rules = group.rules
    .filter(({ rule }) => question.type === undefined || rule.kind === question.type)
    .filter(({ rule }) => isWanted(question.ruleNames, rule.config.name))
    .map((rule) => describeRule(rule, question.excludeAlerts === true));
  if (rules.length === 0) return undefined;
  return {
    name: config.name,
    file,
    rules,
    interval: definition.intervalMs / 1000,
    limit: config.limit,
    evaluationTime: group.evaluationSeconds,
    lastEvaluation: timeText(group.lastEvaluationMs),
  };
}

function isWanted(names: readonly string[] | undefined, name: string): boolean {
  return names === undefined || names.length === 0 || names.includes(name);
}

function describeRule(entry: EvaluatedRule, excludeAlerts: boolean): DescribedRule {
  const { rule } = entry;
  const base = {
    name: rule.config.name,
    query: printExpression(rule.config.expression),
    labels: rule.labels.toObject(),
    health: entry.health,
    ...(entry.lastError !== undefined && { lastError: entry.lastError }),
    evaluationTime: entry.evaluationSeconds,
    lastEvaluation: timeText(entry.lastEvaluationMs),
  };
  if (rule.kind === "recording") return { ...base, type: "recording" };
  return {
    ...base,
    type: "alerting",
    state: entry.lastEvaluationMs === undefined && rule.alerts.length === 0 ? "unknown" : rule.state,
    duration: rule.config.forMs / 1000,
    keepFiringFor: rule.config.keepFiringForMs / 1000,
    annotations: rule.annotations.toObject(),
    alerts: excludeAlerts ? [] : rule.alerts.flatMap(describeAlert),
  };
}

function describeAlert(alert: ActiveAlert): readonly RuleAlert[] {
  if (alert.state === "inactive") return [];
  return [
    {
      labels: alert.labels.toObject(),
      annotations: alert.annotations.toObject(),
      state: alert.state,
      activeAt: timeText(alert.activeAtMs),
      ...(alert.keepFiringSinceMs !== undefined && { keepFiringSince: timeText(alert.keepFiringSinceMs) }),
      value: exponentText(alert.value),
    },
  ];
}

/** RFC 3339 without trailing zeros, as Go writes it. */
export function timeText(timestampMs: number | undefined): string {
  if (timestampMs === undefined) return NEVER;
  return new Date(timestampMs).toISOString().replace(/\.?0*Z$/, "Z");
}

/** Go's shortest `e` form: `1e+00`. */
export function exponentText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const text = Object.is(value, -0) ? "-0e+0" : value.toExponential();
  return text.replace(/e([+-])(\d)$/, "e$1" + "0$2");
}
