import { compareUtf8 } from "@monotreme/model";
import { formatMatchers, type LabelMatcher, sortMatchers } from "../matchers/label-matcher.ts";
import type { Route } from "./route.ts";

/** A route as the file has it; undefined inherits. */
export interface RouteOptions {
  readonly receiver: string | undefined;
  /** `["..."]` means all labels. */
  readonly groupBy: readonly string[] | undefined;
  readonly groupWaitMs: number | undefined;
  readonly groupIntervalMs: number | undefined;
  readonly repeatIntervalMs: number | undefined;
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  readonly matchers: readonly LabelMatcher[];
  readonly continues: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly routes: readonly RouteOptions[];
}

/** What a root route has where it sets nothing. */
const ROOT_DEFAULTS = {
  receiver: "",
  groupBy: [],
  groupByAll: false,
  groupWaitMs: 30_000,
  groupIntervalMs: 300_000,
  repeatIntervalMs: 4 * 3_600_000,
  labels: {},
} as const satisfies Partial<Route>;

/** The tree below a root route, with what each route inherits filled in. */
export function createRoute(options: RouteOptions): Route {
  return createBelow(options, ROOT_DEFAULTS, "", undefined);
}

type Inherited = Pick<Route, keyof typeof ROOT_DEFAULTS>;

function createBelow(options: RouteOptions, parent: Inherited, prefix: string, position: number | undefined): Route {
  const matchers = sortMatchers(options.matchers);
  const key = `${prefix}${formatMatchers(matchers)}`;
  const inherited: Inherited = {
    receiver: options.receiver || parent.receiver,
    ...groupingOf(options, parent),
    groupWaitMs: options.groupWaitMs ?? parent.groupWaitMs,
    groupIntervalMs: options.groupIntervalMs ?? parent.groupIntervalMs,
    repeatIntervalMs: options.repeatIntervalMs ?? parent.repeatIntervalMs,
    labels: { ...parent.labels, ...options.labels },
  };
  return {
    id: position === undefined ? key : `${key}/${position}`,
    key,
    ...inherited,
    muteTimeIntervals: options.muteTimeIntervals,
    activeTimeIntervals: options.activeTimeIntervals,
    matchers,
    continues: options.continues,
    routes: options.routes.map((child, at) => createBelow(child, inherited, `${key}/`, at)),
  };
}

function groupingOf({ groupBy }: RouteOptions, parent: Inherited): Pick<Route, "groupBy" | "groupByAll"> {
  if (groupBy === undefined) return { groupBy: parent.groupBy, groupByAll: parent.groupByAll };
  const groupByAll = groupBy.includes("...");
  return { groupBy: groupByAll ? [] : groupBy.toSorted(compareUtf8), groupByAll };
}
