import { compareUtf8, parseDurationMs } from "@monotreme/model";
import { quoteGo } from "../fmt/quote.ts";
import { stripDomain, stripPort } from "../functions/host-port.ts";
import { escapeQuery } from "../functions/escape.ts";
import {
  durationOfSeconds,
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
  numberOf,
  timeOfSeconds,
} from "../functions/humanize.ts";
import { REGULAR_EXPRESSION_FUNCTIONS } from "../functions/regular-expressions.ts";
import { titleOfWords, toLower, toUpper } from "../functions/text-functions.ts";
import { TemplateFunctionError } from "../template-error.ts";
import type { TemplateFunctions } from "../template-set.ts";
import { GoFunction, goFunction, goVariadic, type ParameterType } from "../value/go-function.ts";
import { GoMap, goMap, GoSlice, GoStruct } from "../value/go-object.ts";
import { SafeContent } from "../value/go-scalars.ts";
import { ANY, STRING } from "../value/parameter-types.ts";
import { type QuerySample, templateResult, templateSample } from "./query-sample.ts";

/** What the functions of rule templates depend on. */
export interface RuleFunctionOptions {
  /** The time of the evaluation in epoch milliseconds. */
  readonly nowMs: number;
  readonly externalUrl: string;
  /** The result of a query. Throws where there is none; see `expandRuleTemplate`. */
  query(expression: string): readonly QuerySample[];
}

const RESULT: ParameterType<readonly GoStruct[]> = {
  typeName: "template.queryResult",
  read: (value) =>
    value instanceof GoSlice ? value.items.filter((item): item is GoStruct => item instanceof GoStruct) : [],
};

const SAMPLE: ParameterType<GoStruct | undefined> = {
  typeName: "*template.sample",
  read: (value) => (value instanceof GoStruct ? value : undefined),
};

function labelOf(sample: GoStruct | undefined, name: string): string {
  const labels = sample?.field("Labels");
  const value = labels instanceof GoMap ? labels.entries.get(name) : undefined;
  return typeof value === "string" ? value : "";
}

function firstOf(samples: readonly GoStruct[]): GoStruct {
  const [first] = samples;
  if (first === undefined) throw new TemplateFunctionError("first() called on vector with no elements");
  return first;
}

function secondsOfDuration(text: string): number {
  const ms = parseDurationMs(text.replace(/^-/, ""));
  if (text === "") throw new TemplateFunctionError("empty duration string");
  if (ms === undefined) throw new TemplateFunctionError(`not a valid duration string: ${quoteGo(text)}`);
  return (text.startsWith("-") ? -ms : ms) / 1000;
}

function linkFor(expression: string, tab: 0 | 1): string {
  return `/graph?g0.expr=${escapeQuery(expression)}&g0.tab=${tab}`;
}

function pathOf(url: string): string {
  try {
    const { pathname } = new URL(url);
    // Go keeps the path of "http://host" empty; the parser of URLs writes "/".
    return pathname === "/" && !url.replace(/[?#].*$/s, "").endsWith("/") ? "" : decodeURIComponent(pathname);
  } catch {
    return "";
  }
}

function queryFunctions(options: RuleFunctionOptions): TemplateFunctions {
  return {
    query: goFunction([STRING], (text) => templateResult(options.query(text).map(templateSample))),
    first: goFunction([RESULT], firstOf),
    label: goFunction([STRING, SAMPLE], (name, sample) => labelOf(sample, name)),
    value: goFunction([SAMPLE], (sample) => sample?.field("Value") ?? 0),
    strvalue: goFunction([SAMPLE], (sample) => labelOf(sample, "__value__")),
    sortByLabel: goFunction([STRING, RESULT], (name, samples) =>
      templateResult(samples.toSorted((a, b) => compareUtf8(labelOf(a, name), labelOf(b, name)))),
    ),
  };
}

function numberFunctions(options: RuleFunctionOptions): TemplateFunctions {
  return {
    humanize: goFunction([ANY], (value) => humanize(numberOf(value))),
    humanize1024: goFunction([ANY], (value) => humanize1024(numberOf(value))),
    humanizeDuration: goFunction([ANY], (value) => humanizeDuration(numberOf(value))),
    humanizePercentage: goFunction([ANY], (value) => humanizePercentage(numberOf(value))),
    humanizeTimestamp: goFunction([ANY], (value) => humanizeTimestamp(numberOf(value))),
    toTime: goFunction([ANY], (value) => timeOfSeconds(numberOf(value))),
    toDuration: goFunction([ANY], (value) => durationOfSeconds(numberOf(value))),
    parseDuration: goFunction([STRING], secondsOfDuration),
    now: goFunction([], () => options.nowMs / 1000),
  };
}

/** The functions of the templates in alerting and recording rules. */
export function createRuleFunctions(options: RuleFunctionOptions): TemplateFunctions {
  return {
    ...REGULAR_EXPRESSION_FUNCTIONS,
    ...queryFunctions(options),
    ...numberFunctions(options),
    args: goVariadic([], ANY, (_, values) =>
      goMap(new Map(values.map((value, i) => [`arg${i}`, value])), { typeName: "map[string]interface {}" }),
    ),
    tmpl: new GoFunction(
      ["string", "interface {}"],
      false,
      ([name, data], context) => new SafeContent("html", context.execute(typeof name === "string" ? name : "", data)),
    ),
    title: goFunction([STRING], titleOfWords),
    toUpper: goFunction([STRING], toUpper),
    toLower: goFunction([STRING], toLower),
    stripPort: goFunction([STRING], stripPort),
    stripDomain: goFunction([STRING], stripDomain),
    safeHtml: goFunction([STRING], (text) => new SafeContent("html", text)),
    urlQueryEscape: goFunction([STRING], escapeQuery),
    graphLink: goFunction([STRING], (expression) => linkFor(expression, 0)),
    tableLink: goFunction([STRING], (expression) => linkFor(expression, 1)),
    pathPrefix: goFunction([], () => pathOf(options.externalUrl)),
    externalURL: goFunction([], () => options.externalUrl),
  };
}
