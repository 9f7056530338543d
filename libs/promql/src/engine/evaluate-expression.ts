import type { Expression, UnaryExpression } from "../ast.ts";
import { scaleHistogram } from "../functions/histogram-arithmetic.ts";
import { evaluateAggregation } from "./aggregate.ts";
import { evaluateBinary } from "./binary.ts";
import {
  asVector,
  repeatValue,
  type ScalarValue,
  type Value,
  type VectorValue,
  vectorOf,
  withoutNames,
} from "./column.ts";
import { evaluateCall } from "./evaluate-call.ts";
import { selectLatest } from "./evaluate-selector.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { exchangeValues } from "./held-values.ts";
import { QueryExecutionError } from "./query-error.ts";
import { instantWindowsAt } from "./resolution-windows.ts";
import { SampleTally } from "./sample-tally.ts";
import { selectSmoothed } from "./select-smoothed.ts";
import { firstStepOf, type TimeGrid } from "./time-grid.ts";

/** Evaluates any expression but a range vector over all steps of a grid. */
export function evaluate(expression: Expression, grid: TimeGrid, context: EvaluationContext): Value {
  if (grid.count > 1 && context.plan.invariant.has(expression)) {
    const tally = context.tally && new SampleTally(1);
    const once = evaluateNode(expression, firstStepOf(grid), tally === undefined ? context : { ...context, tally });
    if (tally !== undefined) context.tally?.addRepeated(tally);
    const series = once.kind === "vector" ? once.series.length : 1;
    // Looked at before the memory is taken.
    context.budget.holdCells(series * grid.count);
    const repeated = repeatValue(once, grid.count);
    context.budget.releaseCells(series * grid.count);
    return exchanged([once], repeated, context);
  }
  return evaluateNode(expression, grid, context);
}

function evaluateNode(expression: Expression, grid: TimeGrid, context: EvaluationContext): Value {
  switch (expression.kind) {
    case "number":
      context.budget.holdCells(grid.count);
      return { kind: "scalar", values: new Float64Array(grid.count).fill(expression.value) };
    case "string":
      return { kind: "string", value: expression.value };
    case "parenthesis":
      return evaluate(expression.expression, grid, context);
    case "vector-selector": {
      const plan = context.plan.selectors.get(expression);
      const loaded = context.loaded.get(expression);
      if (plan === undefined || loaded === undefined) return vectorOf([]);
      const windows = instantWindowsAt(plan.windows, loaded.resolutionMs);
      const series =
        expression.extension === "smoothed"
          ? selectSmoothed(expression, loaded.ranges, windows, context)
          : selectLatest(loaded.samples, windows, context.budget);
      context.tally?.addColumns(series);
      return vectorOf(series);
    }
    case "unary":
      return evaluateUnary(expression, grid, context);
    case "aggregation": {
      const input = evaluate(expression.expression, grid, context);
      const parameter = expression.parameter === undefined ? undefined : evaluate(expression.parameter, grid, context);
      const operands = parameter === undefined ? [input] : [input, parameter];
      return exchanged(operands, evaluateAggregation(expression, asVector(input), parameter, grid, context), context);
    }
    case "binary": {
      const left = evaluate(expression.left, grid, context);
      const right = evaluate(expression.right, grid, context);
      return exchanged([left, right], evaluateBinary(expression, left, right, grid, context), context);
    }
    case "call":
      return evaluateCall(expression, grid, context, evaluate);
    case "matrix-selector":
    case "subquery":
      throw new QueryExecutionError("a range vector cannot be evaluated here");
  }
}

function evaluateUnary(expression: UnaryExpression, grid: TimeGrid, context: EvaluationContext): Value {
  const value = evaluate(expression.expression, grid, context);
  if (expression.operator === "+" || value.kind === "string") return value;
  return exchanged([value], negated(value, context), context);
}

function negated(value: ScalarValue | VectorValue, context: EvaluationContext): Value {
  if (value.kind === "scalar") return { kind: "scalar", values: value.values.map((one) => -one) };
  const series = value.series.map((one) => {
    context.budget.work(one.values.length);
    return {
      ...one,
      values: one.values.map((sample) => -sample),
      histograms: one.histograms?.map((histogram) => histogram && scaleHistogram(histogram, -1)),
    };
  });
  return vectorOf(withoutNames(series, context.delayedNameRemoval));
}

function exchanged(operands: readonly Value[], result: Value, context: EvaluationContext): Value {
  exchangeValues(operands, result, context.budget);
  return result;
}
