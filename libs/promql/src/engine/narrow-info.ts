import { Matcher } from "@monotreme/model";
import type { Expression, FunctionCall, VectorSelector } from "../ast.ts";
import { childrenOf } from "../parser/children-of.ts";
import type { SelectRequest } from "../sample-source.ts";
import type { SeriesSamples } from "../value.ts";
import { IDENTIFYING_LABELS } from "./plan-info.ts";

/** Beyond so many values a regular expression costs more than it saves. */
const MAX_VALUES = 1000;

/** Functions that may give identifying labels values which no series of a selector has. */
const LABEL_WRITERS: ReadonlySet<string> = new Set(["label_replace", "label_join", "histogram_quantiles"]);

/**
 * The request for the info series of an `info` call, narrowed to the instances and jobs of the series that the call's
 * base expression reads; undefined where no info series can belong to any of them.
 */
export function narrowedInfoRequest(
  call: FunctionCall,
  request: SelectRequest,
  seriesOf: (selector: VectorSelector) => readonly SeriesSamples[],
): SelectRequest | undefined {
  const base = call.arguments[0]!;
  if (writesLabels(base)) return request;
  const series = selectorsOf(base).flatMap(seriesOf);
  const matchers: Matcher[] = [];
  let identifies = false;
  for (const name of IDENTIFYING_LABELS) {
    const values = new Set(series.map(({ labels }) => labels.get(name)));
    if (values.size > 1 || !values.has("")) identifies = values.size > 0 || identifies;
    // Where a series lacks the label, it belongs to info series that lack it too.
    if (values.has("") || values.size > MAX_VALUES) continue;
    const [only = ""] = values;
    matchers.push(
      values.size === 1 ? new Matcher("=", name, only) : new Matcher("=~", name, [...values].map(escaped).join("|")),
    );
  }
  return identifies ? { ...request, matchers: [...request.matchers, ...matchers] } : undefined;
}

function writesLabels(expression: Expression): boolean {
  if (expression.kind === "call" && LABEL_WRITERS.has(expression.name)) return true;
  if (expression.kind === "aggregation" && expression.operator === "count_values") return true;
  return childrenOf(expression).some(writesLabels);
}

function selectorsOf(expression: Expression): readonly VectorSelector[] {
  return expression.kind === "vector-selector" ? [expression] : childrenOf(expression).flatMap(selectorsOf);
}

/** A text as a regular expression that matches it alone. */
function escaped(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}
