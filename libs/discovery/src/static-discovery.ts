import type { StaticGroup } from "@monotreme/prometheus-config";
import type { Discoverer, TargetGroup } from "./target-group.ts";

/** The groups of one list of the configuration. */
export function staticGroups(groups: readonly StaticGroup[]): readonly TargetGroup[] {
  return groups.map((group, index) => ({
    source: String(index),
    targets: group.targets.map((address) => ({ __address__: address })),
    labels: group.labels,
  }));
}

/** The targets that stand in the configuration itself. */
export function createStaticDiscovery(groups: readonly StaticGroup[]): Discoverer {
  const found = staticGroups(groups);
  return { start: (onGroups) => onGroups(found), close: async () => undefined };
}
