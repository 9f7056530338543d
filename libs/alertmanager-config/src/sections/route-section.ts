import {
  boolean,
  list,
  type Located,
  located,
  type NodeAt,
  record,
  type Schema,
  shownDefault,
  text,
  withDefault,
} from "@monotreme/prometheus-config";
import type { LabelMatcher } from "../matchers/label-matcher.ts";
import type { MatcherParser } from "../matchers/matcher-parser.ts";
import type { RouteOptions } from "../routing/create-route.ts";
import { optionalShown, optionalText } from "./field-kinds.ts";
import { labelNameIn, matcherList, matcherRecord } from "./matcher-sections.ts";
import { promDuration } from "./scalars.ts";
import { structure } from "./structure.ts";

/** A route as the file has it. */
export interface RouteSection {
  readonly receiver: string;
  readonly groupBy: readonly string[] | undefined;
  readonly match: readonly LabelMatcher[];
  readonly matchRe: readonly LabelMatcher[];
  readonly matchers: readonly LabelMatcher[];
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  readonly continues: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly routes: readonly Located<RouteSection>[];
  readonly groupWaitMs: number | undefined;
  readonly groupIntervalMs: number | undefined;
  readonly repeatIntervalMs: number | undefined;
}

/** Deeper trees than anyone has; it keeps hostile files from filling the stack. */
const MAX_DEPTH = 100;

/** The schema of a route and the tree below it. */
export function routeSection(parser: MatcherParser, depth = 0): Schema<RouteSection> {
  let below: Schema<RouteSection> | undefined;
  const child: Schema<RouteSection> = {
    decode: (node) => {
      if (depth === MAX_DEPTH) {
        node.fault(`routes are nested deeper than ${MAX_DEPTH} times`);
        return undefined;
      }
      below ??= routeSection(parser, depth + 1);
      return below.decode(node);
    },
    render: (value, mode) => (below ??= routeSection(parser, depth + 1)).render(value, mode),
  };
  const intervals = withDefault(list(text, "names of time intervals"), []);
  const fields = {
    receiver: optionalText,
    group_by: optionalShown(list(labelNameIn(parser, "group_by list", "..."), "label names")),
    match: withDefault(matcherRecord("=", "matchers"), []),
    match_re: withDefault(matcherRecord("=~", "matchers"), []),
    matchers: withDefault(matcherList(parser), []),
    mute_time_intervals: intervals,
    active_time_intervals: intervals,
    continue: shownDefault(boolean, false),
    labels: withDefault(record(text, "label values", ""), {}),
    routes: withDefault(list(located(child), "routes"), []),
    group_wait: optionalShown(promDuration),
    group_interval: optionalShown(promDuration),
    repeat_interval: optionalShown(promDuration),
  };
  return structure({
    name: "route",
    fields,
    names: {
      continue: "continues",
      group_wait: "groupWaitMs",
      group_interval: "groupIntervalMs",
      repeat_interval: "repeatIntervalMs",
    },
    check: (route, at: NodeAt<typeof fields>) => {
      checkGroupBy(route.group_by ?? [], (fault) => at("group_by").fault(fault));
      if (route.group_interval === 0) at("group_interval").fault("group_interval cannot be zero");
      if (route.repeat_interval === 0) at("repeat_interval").fault("repeat_interval cannot be zero");
      for (const name of Object.keys(route.labels).filter((label) => !parser.isLabelName(label))) {
        at("labels").fault(`invalid label name ${JSON.stringify(name)} in route labels`);
      }
    },
  });
}

function checkGroupBy(groupBy: readonly string[], fault: (text: string) => void): void {
  const labels = groupBy.filter((label) => label !== "...");
  if (labels.length > 0 && labels.length < groupBy.length) {
    fault("cannot have wildcard group_by (`...`) and other labels at the same time");
  }
  const seen = new Set<string>();
  for (const label of labels) {
    if (seen.has(label)) fault(`duplicated label ${JSON.stringify(label)} in group_by`);
    seen.add(label);
  }
}

/** What the routing tree is made from. */
export function routeOptionsFrom(section: RouteSection): RouteOptions {
  return {
    receiver: section.receiver === "" ? undefined : section.receiver,
    groupBy: section.groupBy,
    groupWaitMs: section.groupWaitMs,
    groupIntervalMs: section.groupIntervalMs,
    repeatIntervalMs: section.repeatIntervalMs,
    muteTimeIntervals: section.muteTimeIntervals,
    activeTimeIntervals: section.activeTimeIntervals,
    matchers: [...section.match, ...section.matchRe, ...section.matchers],
    continues: section.continues,
    labels: section.labels,
    routes: section.routes.map(({ value }) => routeOptionsFrom(value)),
  };
}
