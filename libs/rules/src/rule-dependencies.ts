import { METRIC_NAME, type Matcher } from "@monotreme/model";
import { childrenOf, type Expression } from "@monotreme/promql";
import type { RuleConfig } from "./rule-group.ts";

/** The series of its state that an alerting rule writes. */
const ALERT_SERIES = ["ALERTS", "ALERTS_FOR_STATE"];
const ALERT_NAME = "alertname";

/**
 * For each rule the earlier ones that have to end before it begins, so that evaluation at the same time gives what one
 * after the other gives: those whose output it reads, and those that read its output and must not see it yet.
 */
export function ruleDependencies(rules: readonly RuleConfig[]): readonly (readonly number[])[] {
  const reads = rules.map(({ expression }) => selectorsOf(expression));
  return rules.map((rule, index) => {
    const earlier: number[] = [];
    for (let other = 0; other < index; other++) {
      const before = rules[other];
      if (before === undefined) continue;
      const isOrdered = canRead(reads[index] ?? [], before) || canRead(reads[other] ?? [], rule);
      if (isOrdered) earlier.push(other);
    }
    return earlier;
  });
}

/** The matchers of every selector; an empty list of matchers reads anything. */
function selectorsOf(expression: Expression): readonly (readonly Matcher[])[] {
  if (expression.kind === "vector-selector") return [expression.matchers];
  // `info` adds selectors of its own.
  const own = expression.kind === "call" && expression.name === "info" ? [[]] : [];
  return [...own, ...childrenOf(expression).flatMap(selectorsOf)];
}

function canRead(selectors: readonly (readonly Matcher[])[], rule: RuleConfig): boolean {
  const metrics = rule.kind === "recording" ? [rule.name] : ALERT_SERIES;
  return selectors.some((matchers) => metrics.some((metric) => fits(matchers, metric, rule)));
}

function fits(matchers: readonly Matcher[], metric: string, rule: RuleConfig): boolean {
  return matchers.every((matcher) => {
    if (matcher.name === METRIC_NAME) return matcher.matches(metric);
    return rule.kind === "recording" || matcher.name !== ALERT_NAME || matcher.matches(rule.name);
  });
}
