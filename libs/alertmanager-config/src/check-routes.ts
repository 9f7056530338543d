import type { ConfigNode, Located } from "@monotreme/prometheus-config";
import type { Route } from "./routing/route.ts";
import type { RouteSection } from "./sections/route-section.ts";

/** The names that routes may use. */
export interface KnownNames {
  readonly receivers: ReadonlySet<string>;
  readonly timeIntervals: ReadonlySet<string>;
}

/** Checks what only the whole file can tell of its routing tree. */
export function checkRoutes(root: Located<RouteSection>, names: KnownNames): void {
  checkRoot(root);
  checkNames(root, names);
}

function checkRoot({ value, node }: Located<RouteSection>): void {
  if (value.receiver === "") node.fault("root route must specify a default receiver");
  if (value.match.length + value.matchRe.length + value.matchers.length > 0) {
    node.fault("root route must not have any matchers");
  }
  if (value.muteTimeIntervals.length > 0) node.fault("root route must not have any mute time intervals");
  if (value.activeTimeIntervals.length > 0) node.fault("root route must not have any active time intervals");
  if (value.continues) node.fault("cannot have continue in root route");
}

function checkNames({ value, node }: Located<RouteSection>, names: KnownNames): void {
  if (value.receiver !== "" && !names.receivers.has(value.receiver)) {
    fieldOf(node, "receiver").fault(`undefined receiver ${JSON.stringify(value.receiver)} used in route`);
  }
  for (const field of ["muteTimeIntervals", "activeTimeIntervals"] as const) {
    for (const name of value[field].filter((each) => !names.timeIntervals.has(each))) {
      const at = fieldOf(node, field === "muteTimeIntervals" ? "mute_time_intervals" : "active_time_intervals");
      at.fault(`undefined time interval ${JSON.stringify(name)} used in route`);
    }
  }
  for (const child of value.routes) checkNames(child, names);
}

function fieldOf(node: ConfigNode, name: string): ConfigNode {
  return node.entries()?.find((entry) => entry.name === name)?.value ?? node;
}

/** Says where a route's intervals do not do what one would think; `routes` and `sections` are the same tree. */
export function warnOfIntervals(route: Route, { value, node }: Located<RouteSection>): void {
  const setsInterval = value.repeatIntervalMs !== undefined || value.groupIntervalMs !== undefined;
  if (setsInterval && route.repeatIntervalMs < route.groupIntervalMs) {
    node.warn("repeat_interval is less than group_interval: notifications repeat at the next group_interval only");
  }
  for (const [at, child] of route.routes.entries()) {
    const section = value.routes[at];
    if (section !== undefined) warnOfIntervals(child, section);
  }
}
