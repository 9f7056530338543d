import { createHash } from "node:crypto";
import { printRuleGroup, type RuleConfig, type RuleGroupConfig } from "@monotreme/rules";

/** A group to be evaluated, with everything that it inherits. */
export interface GroupDefinition {
  readonly tenant: string;
  /** Where the group comes from: a rule file, the API's namespace of that name, or an object of Kubernetes. */
  readonly origin: "file" | "api" | "kubernetes";
  /** The path of the file, the name of the namespace, or `namespace/name` of the object. */
  readonly file: string;
  readonly config: RuleGroupConfig;
  readonly intervalMs: number;
  readonly queryOffsetMs: number;
}

/** Tells groups apart, in every replica alike; fit for keys of NATS. */
export function groupKey({ tenant, origin, file, config }: GroupDefinition): string {
  return hashOf([tenant, origin, file, config.name]);
}

/** Whether two definitions of one group mean the same. */
export function isSameGroup(a: GroupDefinition, b: GroupDefinition): boolean {
  const { intervalMs, queryOffsetMs } = a;
  if (intervalMs !== b.intervalMs || queryOffsetMs !== b.queryOffsetMs) return false;
  if (a.config === b.config) return true;
  return printRuleGroup(a.config) === printRuleGroup(b.config);
}

/**
 * Keys of a group's rules: equal before and after a reload for rules of the same kind, name and labels, whatever their
 * expression; of several such rules the first goes with the first.
 */
export function ruleKeys(
  rules: readonly { readonly config: Pick<RuleConfig, "kind" | "name">; readonly labels: { readonly key: string } }[],
): readonly string[] {
  const counts = new Map<string, number>();
  return rules.map(({ config, labels }) => {
    const identity = JSON.stringify([config.kind, config.name, labels.key]);
    const count = counts.get(identity) ?? 0;
    counts.set(identity, count + 1);
    return hashOf([identity, count]);
  });
}

function hashOf(parts: readonly (string | number)[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
