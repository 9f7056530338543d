import type { DescribedRule, DescribedRuleGroup, RulesPart } from "@monotreme/contracts";
import { compareUtf8 } from "@monotreme/model";

/**
 * The groups of all parts in upstream's order: by file, then by name. Of a group that two rulers tell of, because it is
 * just handed over, the one that was evaluated last counts.
 */
export function joinGroups(parts: readonly RulesPart[]): readonly DescribedRuleGroup[] {
  const best = new Map<string, DescribedRuleGroup>();
  for (const replica of new Set(parts.map((part) => part.replica))) {
    for (const [key, group] of groupsOf(parts.filter((part) => part.replica === replica))) {
      const known = best.get(key);
      if (known === undefined || evaluatedMs(group) > evaluatedMs(known)) best.set(key, group);
    }
  }
  return [...best.values()].sort((a, b) => compareUtf8(a.file, b.file) || compareUtf8(a.name, b.name));
}

/** What one ruler says, put together again. */
function groupsOf(parts: readonly RulesPart[]): ReadonlyMap<string, DescribedRuleGroup> {
  const groups = new Map<string, DescribedRuleGroup & { readonly rules: DescribedRule[] }>();
  for (const { continuesRule, ...group } of parts.flatMap((part) => part.groups)) {
    const key = JSON.stringify([group.file, group.name]);
    const known = groups.get(key);
    if (known === undefined) {
      groups.set(key, { ...group, rules: [...group.rules] });
      continue;
    }
    const [first, ...rest] = group.rules;
    const last = known.rules.at(-1);
    if (continuesRule === true && first?.type === "alerting" && last?.type === "alerting") {
      known.rules[known.rules.length - 1] = { ...last, alerts: [...last.alerts, ...first.alerts] };
      known.rules.push(...rest);
    } else known.rules.push(...group.rules);
  }
  return groups;
}

function evaluatedMs({ lastEvaluation }: DescribedRuleGroup): number {
  return Date.parse(lastEvaluation);
}
