import type { Expression, FunctionCall } from "../ast.ts";
import { absenceOf } from "../functions/absent-functions.ts";
import type { FunctionContext } from "../functions/function-call.ts";
import { CALL_FUNCTIONS } from "../functions/function-table.ts";
import { RANGE_FUNCTIONS } from "../functions/range-function-table.ts";
import { countSamples, FLOAT, mergeSameLabels, type Value, type VectorValue, vectorOf, withoutName } from "./column.ts";
import { evaluateRangeFunction } from "./evaluate-range-function.ts";
import { type Evaluate, evaluateRangeVector } from "./evaluate-range-vector.ts";
import { selectLatestTimestamps } from "./evaluate-selector.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { unwrapParentheses } from "./plan-invariance.ts";
import { QueryExecutionError } from "./query-error.ts";
import type { TimeGrid } from "./time-grid.ts";

/** Evaluates a function call over all steps of a grid. */
export function evaluateCall(
  call: FunctionCall,
  grid: TimeGrid,
  context: EvaluationContext,
  evaluate: Evaluate,
): Value {
  const result = dispatch(call, grid, context, evaluate);
  if (result.kind === "vector") context.budget.hold(countSamples(result.series));
  return result;
}

function dispatch(call: FunctionCall, grid: TimeGrid, context: EvaluationContext, evaluate: Evaluate): Value {
  if (call.name === "timestamp") return evaluateTimestamp(call, grid, context, evaluate);
  if (call.name === "absent_over_time") return evaluateAbsentOverTime(call, grid, context, evaluate);
  const rangeFunction = RANGE_FUNCTIONS.get(call.name);
  if (rangeFunction !== undefined) {
    const range = evaluateRangeVector(call.arguments[rangeFunction.rangeArgument]!, context, evaluate);
    const parameters = call.arguments
      .filter((_, index) => index !== rangeFunction.rangeArgument)
      .map((argument) => scalarOf(argument, grid, context, evaluate));
    return evaluateRangeFunction({ call, rangeFunction, range, parameters, grid }, context);
  }
  const implementation = CALL_FUNCTIONS.get(call.name);
  if (implementation === undefined) throw new QueryExecutionError(`function "${call.name}" is not supported`);
  const values = call.arguments.map((argument) => evaluate(argument, grid, context));
  const result = implementation({ expression: call, arguments: values, context: functionContext(grid, context) });
  for (const value of values) if (value.kind === "vector") context.budget.release(countSamples(value.series));
  return result;
}

function functionContext(grid: TimeGrid, context: EvaluationContext): FunctionContext {
  const { plan, annotations, budget, delayedNameRemoval } = context;
  return { grid, query: plan, annotations, budget, delayedNameRemoval };
}

function scalarOf(argument: Expression, grid: TimeGrid, context: EvaluationContext, evaluate: Evaluate): Float64Array {
  const value = evaluate(argument, grid, context);
  if (value.kind !== "scalar") throw new QueryExecutionError("expected a scalar argument");
  return value.values;
}

/** The time of each sample: of a plain selector its own, else the evaluation time. */
function evaluateTimestamp(
  call: FunctionCall,
  grid: TimeGrid,
  context: EvaluationContext,
  evaluate: Evaluate,
): VectorValue {
  const argument = unwrapParentheses(call.arguments[0]!);
  const { delayedNameRemoval, budget } = context;
  if (argument.kind === "vector-selector") {
    const plan = context.plan.selectors.get(argument);
    const loaded = context.loaded.get(argument);
    if (plan === undefined || loaded === undefined) return vectorOf([]);
    // A selector with @ was planned for one step only; its windows stand still, so any count of steps will do.
    const windows = { ...plan.windows, count: grid.count };
    const columns = selectLatestTimestamps(loaded.samples, windows, budget);
    return vectorOf(mergeSameLabels(columns.map((one) => withoutName(one, delayedNameRemoval))));
  }
  const value = evaluate(call.arguments[0]!, grid, context);
  if (value.kind !== "vector") throw new QueryExecutionError("expected an instant vector");
  const columns = value.series.map((one) => ({
    ...withoutName(one, delayedNameRemoval),
    values: one.values.map((_, i) => (grid.startMs + i * grid.stepMs) / 1000),
    present: one.present.map((state) => Math.min(state, FLOAT)),
    histograms: undefined,
  }));
  return vectorOf(mergeSameLabels(columns));
}

function evaluateAbsentOverTime(
  call: FunctionCall,
  grid: TimeGrid,
  context: EvaluationContext,
  evaluate: Evaluate,
): VectorValue {
  const range = evaluateRangeVector(call.arguments[0]!, context, evaluate);
  const rangeFunction = RANGE_FUNCTIONS.get("present_over_time")!;
  const present = evaluateRangeFunction(
    { call, rangeFunction, range, parameters: [], grid, keepDuplicates: true },
    context,
  );
  return absenceOf(present.series, call.arguments[0]!, grid.count);
}
