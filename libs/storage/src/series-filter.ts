import type { QueryParameters } from "@monotreme/clickhouse";
import { type Matcher, METRIC_NAME } from "@monotreme/model";
import { dayOf, indexDay } from "./day.ts";

/** A condition on the table `series`; all that users gave travels in the parameters. */
export interface SeriesFilter {
  readonly condition: string;
  readonly parameters: QueryParameters;
}

/** Instants in epoch ms, both inclusive; infinities are allowed. */
export interface TimeRange {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * The series of a tenant that have samples on the days of the range and satisfy at least one of the sets of matchers;
 * no set at all stands for every series. Patterns are RE2 on both sides, anchored, and `.` matches newlines.
 */
export function seriesFilter(
  tenant: string,
  matcherSets: readonly (readonly Matcher[])[],
  { fromMs, untilMs }: TimeRange,
): SeriesFilter {
  const values: Record<string, string | number | readonly string[]> = {
    tenant,
    fromDay: indexDay(dayOf(fromMs)),
    untilDay: indexDay(dayOf(untilMs)),
  };
  const bind = (value: string | readonly string[]): string => {
    const name = `p${Object.keys(values).length}`;
    values[name] = value;
    return `{${name}:${typeof value === "string" ? "String" : "Array(String)"}}`;
  };
  const sets = matcherSets.map((matchers) =>
    matchers.length === 0 ? "1" : matchers.map((matcher) => matcherCondition(matcher, bind)).join(" AND "),
  );
  const days = "day >= toDate({fromDay:UInt16}) AND day <= toDate({untilDay:UInt16})";
  const anySet = sets.length === 0 ? "" : ` AND (${sets.map((set) => `(${set})`).join(" OR ")})`;
  return { condition: `tenant = {tenant:String} AND ${days}${anySet}`, parameters: values };
}

function matcherCondition(matcher: Matcher, bind: (value: string | readonly string[]) => string): string {
  // A map answers "" for a key that it does not hold, which is how PromQL reads an absent label.
  const label = matcher.name === METRIC_NAME ? "metric" : `labels[${bind(matcher.name)}]`;
  switch (matcher.type) {
    case "=":
      return `${label} = ${bind(matcher.value)}`;
    case "!=":
      return `${label} != ${bind(matcher.value)}`;
    case "=~":
      return patternCondition(label, matcher, bind);
    case "!~":
      return `NOT (${patternCondition(label, matcher, bind)})`;
  }
}

function patternCondition(
  label: string,
  matcher: Matcher,
  bind: (value: string | readonly string[]) => string,
): string {
  // A set is looked up by its hash, and narrows the range of the primary key for metrics.
  if (matcher.alternatives !== undefined) return `${label} IN ${bind(matcher.alternatives)}`;
  return `match(${label}, ${bind(`^(?s:${matcher.value})$`)})`;
}
