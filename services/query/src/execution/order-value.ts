import { compareLabels } from "@monotreme/model";
import { childrenOf, type Expression, type QueryValue } from "@monotreme/promql";

/** What gives its result an order of its own. */
const ORDERING: ReadonlySet<string> = new Set([
  "sort",
  "sort_desc",
  "sort_by_label",
  "sort_by_label_desc",
  "topk",
  "bottomk",
]);

/**
 * A vector by its labels, so that the same query gives the same answer again whatever order the storage reads in;
 * left alone where the query orders it. (A matrix comes sorted from the engine.)
 */
export function orderValue(value: QueryValue, expression: Expression): QueryValue {
  if (value.type !== "vector" || givesOrder(expression)) return value;
  return { ...value, samples: value.samples.toSorted((a, b) => compareLabels(a.labels, b.labels)) };
}

function givesOrder(expression: Expression): boolean {
  if (expression.kind === "call" && ORDERING.has(expression.name)) return true;
  if (expression.kind === "aggregation" && ORDERING.has(expression.operator)) return true;
  return childrenOf(expression).some(givesOrder);
}
