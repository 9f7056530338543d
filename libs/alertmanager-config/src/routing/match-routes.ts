import { compareUtf8 } from "@monotreme/model";
import { matchesLabels } from "../matchers/label-matcher.ts";
import { quoteGoString } from "../matchers/go-string.ts";
import type { Route } from "./route.ts";

type LabelSet = Readonly<Record<string, string>>;

/**
 * The routes that take an alert: depth first, left to right, past a route that matched only where it says so. A route
 * of which no child takes the alert takes it itself, so a root without matchers always gives at least one.
 */
export function matchRoutes(route: Route, labels: LabelSet): readonly Route[] {
  if (!matchesLabels(route.matchers, labels)) return [];
  const matched: Route[] = [];
  for (const child of route.routes) {
    const below = matchRoutes(child, labels);
    matched.push(...below);
    if (below.length > 0 && !child.continues) break;
  }
  return matched.length > 0 ? matched : [route];
}

/** The labels by which an alert is grouped under a route; labels that it lacks are left out. */
export function groupLabelsOf(route: Route, labels: LabelSet): LabelSet {
  const names = route.groupByAll ? Object.keys(labels) : route.groupBy.filter((name) => Object.hasOwn(labels, name));
  return Object.fromEntries(names.toSorted(compareUtf8).map((name) => [name, labels[name] ?? ""]));
}

/** The name of a group, as upstream writes it: `{}/{severity="critical"}:{alertname="X"}`. */
export function groupKeyOf(route: Route, groupLabels: LabelSet): string {
  return `${route.key}:${formatLabels(groupLabels)}`;
}

function formatLabels(labels: LabelSet): string {
  const pairs = Object.entries(labels).map(([name, value]) => [name, `${name}=${quoteGoString(value)}`] as const);
  return `{${pairs
    .toSorted(([a], [b]) => compareUtf8(a, b))
    .map(([, text]) => text)
    .join(", ")}}`;
}

/** The names of all receivers that a routing tree can reach; others are never built. */
export function receiversOf(route: Route): ReadonlySet<string> {
  return new Set([route.receiver, ...route.routes.flatMap((child) => [...receiversOf(child)])]);
}

/** A route and all below it, parents first. */
export function walkRoutes(route: Route): readonly Route[] {
  return [route, ...route.routes.flatMap(walkRoutes)];
}
