import { Labels, METRIC_NAME, PatternBudget } from "@monotreme/model";
import { parseMatchers } from "../parser/matcher-parser.ts";
import { TokenStream } from "../parser/token-stream.ts";

/** A line of a `load` or `eval` block: which series, and the text of its points. */
export interface SeriesLine {
  readonly labels: Labels;
  /** `<series>@st`: the points are start timestamps. */
  readonly isStartTimestamps: boolean;
  readonly points: string;
}

const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABELS = /^\{(?:[^"'`}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)*\}/;
const START_TIMESTAMPS = /^@st(?=\s|$)/;

/** Reads `name{a="b"} points`; undefined where the line does not start with a series. Throws on bad labels. */
export function parseSeriesLine(line: string): SeriesLine | undefined {
  const name = METRIC.exec(line)?.[0] ?? "";
  const afterName = line.slice(name.length);
  const braces = afterName.startsWith("{{") ? "" : (LABELS.exec(afterName)?.[0] ?? "");
  if (name === "" && braces === "") return undefined;
  const rest = afterName.slice(braces.length);
  const isStartTimestamps = START_TIMESTAMPS.test(rest);
  const points = isStartTimestamps ? rest.slice("@st".length) : rest;
  if (points !== "" && !/^\s/.test(points)) return undefined;
  return { labels: labelsOf(name, braces), isStartTimestamps, points: points.trim() };
}

function labelsOf(name: string, braces: string): Labels {
  const matchers = braces === "" ? [] : parseMatchers(new TokenStream(braces), new PatternBudget());
  const entries = matchers.map((matcher): [string, string] => [matcher.name, matcher.value]);
  return Labels.fromEntries(name === "" ? entries : [[METRIC_NAME, name], ...entries]);
}
