import type { FunctionCall } from "../ast.ts";
import type { Annotations } from "../engine/annotations.ts";
import {
  type ColumnSeries,
  createColumn,
  FLOAT,
  hasSamples,
  type Value,
  type VectorValue,
  vectorOf,
  withoutNames,
} from "../engine/column.ts";
import { QueryExecutionError } from "../engine/query-error.ts";
import type { SampleBudget } from "../engine/sample-budget.ts";
import type { TimeGrid } from "../engine/time-grid.ts";

/** What functions may know of the query they are evaluated in. */
export interface FunctionContext {
  readonly grid: TimeGrid;
  /** The whole query's times, also inside a subquery; `stepMs` 0 = instant. */
  readonly query: { readonly startMs: number; readonly endMs: number; readonly stepMs: number };
  readonly annotations: Annotations;
  readonly budget: SampleBudget;
  readonly delayedNameRemoval: boolean;
}

/** A call whose arguments have been evaluated over the whole grid. */
export interface EvaluatedCall {
  readonly expression: FunctionCall;
  readonly arguments: readonly Value[];
  readonly context: FunctionContext;
}

export type CallFunction = (call: EvaluatedCall) => Value;

export function vectorArgument(call: EvaluatedCall, index: number): VectorValue {
  const value = call.arguments[index];
  if (value?.kind !== "vector") throw wrongArgument(call, index, "instant vector");
  return value;
}

/** One value a step. */
export function scalarArgument(call: EvaluatedCall, index: number): Float64Array {
  const value = call.arguments[index];
  if (value?.kind !== "scalar") throw wrongArgument(call, index, "scalar");
  return value.values;
}

export function stringArgument(call: EvaluatedCall, index: number): string {
  const value = call.arguments[index];
  if (value?.kind !== "string") throw wrongArgument(call, index, "string");
  return value.value;
}

function wrongArgument(call: EvaluatedCall, index: number, expected: string): QueryExecutionError {
  return new QueryExecutionError(`expected ${expected} as argument ${index + 1} of function "${call.expression.name}"`);
}

/**
 * Applies a function to every float of a vector; histograms are dropped and so is the metric name. `apply` gets the
 * value and the step's index.
 */
export function mapFloats(
  vector: VectorValue,
  context: FunctionContext,
  apply: (value: number, step: number) => number,
): VectorValue {
  const mapped: ColumnSeries[] = [];
  for (const one of vector.series) {
    const { values, present } = one;
    const column = createColumn(one.labels, one.dropName, values.length);
    for (let i = 0; i < values.length; i++) {
      context.budget.workAt(i);
      if (present[i] !== FLOAT) continue;
      column.values[i] = apply(values[i]!, i);
      column.present[i] = FLOAT;
    }
    context.budget.work(values.length);
    if (one.histograms === undefined || hasSamples(column)) mapped.push(column);
  }
  return vectorOf(withoutNames(mapped, context.delayedNameRemoval));
}
