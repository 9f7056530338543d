import { Labels } from "@monotreme/model";
import type { Expression, UnaryExpression } from "../ast.ts";
import { scaleHistogram } from "../functions/histogram-arithmetic.ts";
import { evaluateAggregation } from "./aggregate.ts";
import { evaluateBinary } from "./binary.ts";
import {
  type ColumnSeries,
  countSamples,
  FLOAT,
  mergeSameLabels,
  repeatValue,
  type Value,
  type VectorValue,
  vectorOf,
  withoutName,
} from "./column.ts";
import { evaluateCall } from "./evaluate-call.ts";
import { selectLatest } from "./evaluate-selector.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { QueryExecutionError } from "./query-error.ts";
import { firstStepOf, type TimeGrid } from "./time-grid.ts";

/** Evaluates any expression but a range vector over all steps of a grid. */
export function evaluate(expression: Expression, grid: TimeGrid, context: EvaluationContext): Value {
  if (grid.count > 1 && context.plan.invariant.has(expression)) {
    const once = evaluateNode(expression, firstStepOf(grid), context);
    if (once.kind === "vector") context.budget.holdCells(once.series.length * grid.count);
    return repeatValue(once, grid.count);
  }
  return evaluateNode(expression, grid, context);
}

function evaluateNode(expression: Expression, grid: TimeGrid, context: EvaluationContext): Value {
  switch (expression.kind) {
    case "number":
      return { kind: "scalar", values: new Float64Array(grid.count).fill(expression.value) };
    case "string":
      return { kind: "string", value: expression.value };
    case "parenthesis":
      return evaluate(expression.expression, grid, context);
    case "vector-selector": {
      const plan = context.plan.selectors.get(expression);
      const loaded = context.loaded.get(expression);
      if (plan === undefined || loaded === undefined) return vectorOf([]);
      return held(vectorOf(selectLatest(loaded.samples, plan.windows, context.budget)), context);
    }
    case "unary":
      return evaluateUnary(expression, grid, context);
    case "aggregation": {
      const input = evaluateVector(expression.expression, grid, context);
      const parameter = expression.parameter === undefined ? undefined : evaluate(expression.parameter, grid, context);
      return exchanged([input], evaluateAggregation(expression, input, parameter, grid, context), context);
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

function evaluateVector(expression: Expression, grid: TimeGrid, context: EvaluationContext): VectorValue {
  const value = evaluate(expression, grid, context);
  if (value.kind === "vector") return value;
  if (value.kind === "string") throw new QueryExecutionError("expected an instant vector, got a string");
  const column: ColumnSeries = {
    labels: Labels.EMPTY,
    dropName: false,
    values: value.values,
    present: new Uint8Array(grid.count).fill(FLOAT),
    histograms: undefined,
  };
  return vectorOf([column]);
}

function evaluateUnary(expression: UnaryExpression, grid: TimeGrid, context: EvaluationContext): Value {
  const value = evaluate(expression.expression, grid, context);
  if (expression.operator === "+" || value.kind === "string") return value;
  if (value.kind === "scalar") return { kind: "scalar", values: value.values.map((one) => -one) };
  const negated = value.series.map((one) =>
    withoutName(
      {
        ...one,
        values: one.values.map((sample) => -sample),
        histograms: one.histograms?.map((histogram) => histogram && scaleHistogram(histogram, -1)),
      },
      context.delayedNameRemoval,
    ),
  );
  return vectorOf(mergeSameLabels(negated));
}

/** Counts a new vector against the query's budget. */
function held(vector: VectorValue, context: EvaluationContext): VectorValue {
  context.budget.hold(countSamples(vector.series));
  return vector;
}

/** Counts a result and lets go of what it was made of. */
function exchanged<T extends Value>(operands: readonly Value[], result: T, context: EvaluationContext): T {
  const { budget } = context;
  if (result.kind === "vector") budget.hold(countSamples(result.series));
  for (const operand of operands) if (operand.kind === "vector") budget.release(countSamples(operand.series));
  return result;
}
