import { compileAnchored, Labels, METRIC_NAME } from "@monotreme/model";
import { type ColumnSeries, mergeSameLabels, vectorOf } from "../engine/column.ts";
import { quoted } from "../engine/annotations.ts";
import { QueryExecutionError } from "../engine/query-error.ts";
import { expandTemplate } from "./expand-template.ts";
import { type CallFunction, type EvaluatedCall, stringArgument, vectorArgument } from "./function-call.ts";
import { isValidLabelName } from "./label-name.ts";

/** Matching one label is worth so many points of work. */
const REGEX_WORK = 256;

function relabelled(series: ColumnSeries, name: string, value: string): ColumnSeries {
  return {
    ...series,
    labels: series.labels.with(name, value),
    // A name that was written on purpose is kept, whatever was to become of the old one.
    dropName: name === METRIC_NAME ? false : series.dropName,
  };
}

/** Sets a label from the groups of an anchored RE2 expression matched against another label. */
function labelReplace(call: EvaluatedCall): ReturnType<CallFunction> {
  const destination = stringArgument(call, 1);
  const template = stringArgument(call, 2);
  const source = stringArgument(call, 3);
  const pattern = stringArgument(call, 4);
  if (!isValidLabelName(destination)) {
    throw new QueryExecutionError(`invalid destination label name in label_replace(): ${destination}`);
  }
  const expression = compilePattern(pattern);
  const series = vectorArgument(call, 0).series.map((one) => {
    call.context.budget.work(REGEX_WORK);
    const matcher = expression.matcher(one.labels.get(source));
    if (!matcher.matches()) return one;
    return relabelled(one, destination, expandTemplate(template, matcher));
  });
  return vectorOf(mergeSameLabels(series));
}

function compilePattern(pattern: string): ReturnType<typeof compileAnchored> {
  try {
    return compileAnchored(pattern);
  } catch (cause) {
    throw new QueryExecutionError(`invalid regular expression in label_replace(): ${pattern}`, { cause });
  }
}

/** Sets a label to the values of others, joined with a separator. */
function labelJoin(call: EvaluatedCall): ReturnType<CallFunction> {
  const destination = stringArgument(call, 1);
  const separator = stringArgument(call, 2);
  const sources = call.arguments.slice(3).map((_, i) => stringArgument(call, i + 3));
  for (const source of sources) {
    if (!isValidLabelName(source)) {
      throw new QueryExecutionError(`invalid source label name in label_join(): ${quoted(source)}`);
    }
  }
  if (!isValidLabelName(destination)) {
    throw new QueryExecutionError(`invalid destination label name in label_join(): ${destination}`);
  }
  const series = vectorArgument(call, 0).series.map((one) =>
    relabelled(one, destination, sources.map((source) => one.labels.get(source)).join(separator)),
  );
  return vectorOf(mergeSameLabels(series));
}

/** The labels an absent series is known to have had: those of `=` matchers whose label is matched only once. */
export function labelsOfEqualMatchers(
  matchers: readonly { readonly type: string; readonly name: string; readonly value: string }[],
): Labels {
  const counts = new Map<string, number>();
  for (const { name } of matchers) counts.set(name, (counts.get(name) ?? 0) + 1);
  const entries = matchers
    .filter(({ type, name }) => type === "=" && name !== METRIC_NAME && counts.get(name) === 1)
    .map(({ name, value }): [string, string] => [name, value]);
  return Labels.fromEntries(entries);
}

export const LABEL_FUNCTIONS: Readonly<Record<string, CallFunction>> = {
  label_replace: labelReplace,
  label_join: labelJoin,
};
