import type { FunctionCall } from "../ast.ts";
import { absenceOf } from "../functions/absent-functions.ts";
import type { FunctionContext } from "../functions/function-call.ts";
import { CALL_FUNCTIONS } from "../functions/function-table.ts";
import { RANGE_FUNCTIONS, type RangeFunction } from "../functions/range-function-table.ts";
import { asVector, countSamples, FLOAT, type Value, type VectorValue, vectorOf, withoutNames } from "./column.ts";
import { evaluateInfo } from "./evaluate-info.ts";
import { evaluateRangeFunction } from "./evaluate-range-function.ts";
import { type Evaluate, evaluateRangeVector } from "./evaluate-range-vector.ts";
import { selectLatestStarts, selectLatestTimestamps } from "./evaluate-selector.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { exchangeValues, releaseValue } from "./held-values.ts";
import { unwrapParentheses } from "./plan-invariance.ts";
import { QueryExecutionError } from "./query-error.ts";
import { instantWindowsAt } from "./resolution-windows.ts";
import type { TimeGrid } from "./time-grid.ts";

/** Evaluates a function call over all steps of a grid. */
export function evaluateCall(
  call: FunctionCall,
  grid: TimeGrid,
  context: EvaluationContext,
  evaluate: Evaluate,
): Value {
  if (call.name === "info") return evaluateInfoCall(call, grid, context, evaluate);
  if (call.name === "timestamp" || call.name === "start_timestamp")
    return evaluateTimestamp(call, grid, context, evaluate);
  const rangeFunction = RANGE_FUNCTIONS.get(call.name === "absent_over_time" ? "present_over_time" : call.name);
  if (rangeFunction !== undefined) return evaluateOverRange(call, rangeFunction, grid, context, evaluate);
  const implementation = CALL_FUNCTIONS.get(call.name);
  if (implementation === undefined) throw new QueryExecutionError(`function "${call.name}" is not supported`);
  const values = call.arguments.map((argument) => evaluate(argument, grid, context));
  const result = implementation({ expression: call, arguments: values, context: functionContext(grid, context) });
  exchangeValues(values, result, context.budget);
  return result;
}

/** Evaluates a function of a range vector; absent_over_time is made of present_over_time. */
function evaluateOverRange(
  call: FunctionCall,
  rangeFunction: RangeFunction,
  grid: TimeGrid,
  context: EvaluationContext,
  evaluate: Evaluate,
): Value {
  const { budget } = context;
  const argument = call.arguments[rangeFunction.rangeArgument]!;
  const range = evaluateRangeVector(argument, context, evaluate);
  const scalars = call.arguments
    .filter((_, index) => index !== rangeFunction.rangeArgument)
    .map((parameter) => evaluate(parameter, grid, context));
  const isAbsence = call.name === "absent_over_time";
  const parameters = scalars.map(scalarValues);
  const columns = evaluateRangeFunction(
    { call, rangeFunction, range, parameters, grid, keepDuplicates: isAbsence },
    context,
  );
  // The columns' cells were counted as they were made.
  budget.hold(countSamples(columns.series));
  budget.release(range.heldSamples);
  for (const scalar of scalars) releaseValue(scalar, budget);
  if (!isAbsence) return columns;
  const absence = absenceOf(columns.series, argument, grid.count, budget);
  exchangeValues([columns], absence, budget);
  return absence;
}

function functionContext(grid: TimeGrid, context: EvaluationContext): FunctionContext {
  const { plan, annotations, budget, delayedNameRemoval } = context;
  return { grid, query: plan, annotations, budget, delayedNameRemoval };
}

function scalarValues(value: Value): Float64Array {
  if (value.kind !== "scalar") throw new QueryExecutionError("expected a scalar argument");
  return value.values;
}

function evaluateInfoCall(call: FunctionCall, grid: TimeGrid, context: EvaluationContext, evaluate: Evaluate): Value {
  const base = evaluate(call.arguments[0]!, grid, context);
  const info = context.plan.infos.get(call);
  const windows = info && context.plan.selectors.get(info.selector)?.windows;
  const loaded = info && context.loaded.get(info.selector);
  if (info === undefined || windows === undefined || loaded === undefined) {
    throw new QueryExecutionError("an info function was not planned");
  }
  const infoWindows = instantWindowsAt(windows, loaded.resolutionMs);
  const result = evaluateInfo(asVector(base), info, loaded, infoWindows, context);
  exchangeValues([base], result, context.budget);
  return result;
}

/** The time of each sample, or when its counting began: of a plain selector its own, else the evaluation time or none. */
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
    const windows = { ...instantWindowsAt(plan.windows, loaded.resolutionMs), count: grid.count };
    const select = call.name === "start_timestamp" ? selectLatestStarts : selectLatestTimestamps;
    const columns = select(loaded.samples, windows, budget);
    context.tally?.addColumns(columns);
    return vectorOf(withoutNames(columns, delayedNameRemoval));
  }
  const value = evaluate(call.arguments[0]!, grid, context);
  if (value.kind !== "vector") throw new QueryExecutionError("expected an instant vector");
  if (call.name === "start_timestamp") {
    releaseValue(value, budget);
    return vectorOf([]);
  }
  const columns = value.series.map((one) => {
    budget.work(grid.count);
    return {
      ...one,
      values: one.values.map((_, i) => (grid.startMs + i * grid.stepMs) / 1000),
      present: one.present.map((state) => Math.min(state, FLOAT)),
      histograms: undefined,
    };
  });
  const result = vectorOf(withoutNames(columns, delayedNameRemoval));
  exchangeValues([value], result, budget);
  return result;
}
