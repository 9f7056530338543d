import { formatDurationMs } from "@monotreme/model";
import { stringify } from "yaml";
import type { RuleConfig, RuleGroupConfig } from "./rule-group.ts";

/** A group as plain data in the order and with the omissions of upstream's files. */
export function plainRuleGroup(group: RuleGroupConfig): object {
  return {
    name: group.name,
    ...(group.intervalMs !== undefined && { interval: formatDurationMs(group.intervalMs) }),
    ...(group.queryOffsetMs !== undefined && { query_offset: formatDurationMs(group.queryOffsetMs) }),
    ...(group.limit !== 0 && { limit: group.limit }),
    ...(hasEntries(group.labels) && { labels: group.labels }),
    rules: group.rules.map(plainRule),
  };
}

/** A group as YAML that reads back as the same group. */
export function printRuleGroup(group: RuleGroupConfig): string {
  return printRules(plainRuleGroup(group));
}

/** Groups by namespace as YAML, as Mimir's ruler lists them. */
export function printRuleNamespaces(namespaces: ReadonlyMap<string, readonly RuleGroupConfig[]>): string {
  return printRules(Object.fromEntries(Array.from(namespaces, ([name, groups]) => [name, groups.map(plainRuleGroup)])));
}

function printRules(data: object): string {
  // `yes` and the like are quoted, because older readers take them for booleans.
  return stringify(data, { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" });
}

function plainRule(rule: RuleConfig): object {
  return {
    [rule.kind === "recording" ? "record" : "alert"]: rule.name,
    expr: rule.expr,
    ...(rule.kind === "alerting" && rule.forMs !== 0 && { for: formatDurationMs(rule.forMs) }),
    ...(rule.kind === "alerting" &&
      rule.keepFiringForMs !== 0 && { keep_firing_for: formatDurationMs(rule.keepFiringForMs) }),
    ...(hasEntries(rule.labels) && { labels: rule.labels }),
    ...(rule.kind === "alerting" && hasEntries(rule.annotations) && { annotations: rule.annotations }),
  };
}

function hasEntries(record: Readonly<Record<string, string>>): boolean {
  return Object.keys(record).length > 0;
}
