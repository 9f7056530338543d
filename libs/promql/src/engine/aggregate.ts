import { METRIC_NAME } from "@monotreme/model";
import type { Aggregation } from "../ast.ts";
import type { AggregationGroup } from "./aggregation-group.ts";
import { countValues } from "./aggregate-count-values.ts";
import { limitRatio, selectByRank, selectFirst } from "./aggregate-selection.ts";
import { withHistograms } from "./aggregate-histogram.ts";
import { REDUCERS, type Reducer } from "./aggregate-reduce.ts";
import { quantileOfGroup } from "./aggregate-quantile.ts";
import {
  type ColumnSeries,
  createColumn,
  HISTOGRAM,
  hasSamples,
  type Value,
  type VectorValue,
  vectorOf,
} from "./column.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { createSignature } from "./label-signature.ts";
import { QueryExecutionError } from "./query-error.ts";
import type { TimeGrid } from "./time-grid.ts";

/** Evaluates an aggregation whose input and parameter have been evaluated. */
export function evaluateAggregation(
  expression: Aggregation,
  input: VectorValue,
  parameter: Value | undefined,
  grid: TimeGrid,
  context: EvaluationContext,
): VectorValue {
  const groups = groupSeries(expression, input.series, context);
  const { operator } = expression;
  switch (operator) {
    case "sum":
    case "avg":
    case "min":
    case "max":
    case "group":
    case "count":
    case "stddev":
    case "stdvar":
      informIgnoredHistograms(expression, input, context);
      return reduce(expression, groups, REDUCERS[operator], context);
    case "quantile":
      informIgnoredHistograms(expression, input, context);
      return vectorOf(quantileOfGroup(expression, groups, scalarParameter(parameter), context));
    case "topk":
    case "bottomk":
      informIgnoredHistograms(expression, input, context);
      return selectByRank(groups, scalarParameter(parameter), operator === "topk" ? 1 : -1, context);
    case "limitk":
      return selectFirst(groups, scalarParameter(parameter), context);
    case "limit_ratio":
      return limitRatio(expression, groups, scalarParameter(parameter), context);
    case "count_values":
      return countValues(expression, groups, stringParameter(parameter), grid.count, context);
  }
}

/** Making a signature of labels is worth so many points of work. */
const LABEL_WORK = 16;

function groupSeries(
  expression: Aggregation,
  series: readonly ColumnSeries[],
  { budget }: EvaluationContext,
): readonly AggregationGroup[] {
  const signatureOf = createSignature(expression.grouping, !expression.without);
  const named = new Set(expression.grouping);
  const groups = new Map<string, AggregationGroup>();
  for (const one of series) {
    budget.work(LABEL_WORK);
    const signature = signatureOf(one.labels);
    const group = groups.get(signature);
    if (group === undefined) {
      const labels = expression.without ? one.labels.drop(new Set([...named, METRIC_NAME])) : one.labels.keep(named);
      groups.set(signature, { labels, dropName: one.dropName, members: [one] });
    } else {
      group.members.push(one);
      if (one.dropName) group.dropName = true;
    }
  }
  return [...groups.values()];
}

function reduce(
  expression: Aggregation,
  groups: readonly AggregationGroup[],
  reducer: Reducer,
  context: EvaluationContext,
): VectorValue {
  const addsHistograms = expression.operator === "sum" || expression.operator === "avg";
  const columns = groups.map((group) => {
    const column = createColumn(group.labels, group.dropName, group.members[0]!.present.length);
    reducer(group.members, column, context.budget);
    return addsHistograms ? withHistograms(expression, group, column, context) : column;
  });
  return vectorOf(columns.filter(hasSamples));
}

/** Aggregations that understand every kind of sample, or tell of mixtures themselves. */
const TAKES_HISTOGRAMS: ReadonlySet<string> = new Set(["sum", "avg", "count", "group"]);

function informIgnoredHistograms(expression: Aggregation, input: VectorValue, context: EvaluationContext): void {
  if (TAKES_HISTOGRAMS.has(expression.operator)) return;
  if (!input.series.some(({ histograms, present }) => histograms !== undefined && present.includes(HISTOGRAM))) return;
  context.annotations.inform(`ignored histogram in ${expression.operator} aggregation`, expression.expression.position);
}

function scalarParameter(parameter: Value | undefined): Float64Array {
  if (parameter?.kind !== "scalar") throw new QueryExecutionError("expected a scalar aggregation parameter");
  return parameter.values;
}

function stringParameter(parameter: Value | undefined): string {
  if (parameter?.kind !== "string") throw new QueryExecutionError("expected a string aggregation parameter");
  return parameter.value;
}
