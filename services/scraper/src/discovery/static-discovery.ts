import type { StaticGroup } from "@monotreme/prometheus-config";
import type { Discoverer, TargetGroup } from "./target-group.ts";

/** The targets that stand in the configuration itself. */
export function createStaticDiscovery(groups: readonly StaticGroup[]): Discoverer {
  const found = groups.map(
    (group, index): TargetGroup => ({
      source: String(index),
      targets: group.targets.map((address) => ({ __address__: address })),
      labels: group.labels,
    }),
  );
  return { start: (onGroups) => onGroups(found), close: async () => undefined };
}
