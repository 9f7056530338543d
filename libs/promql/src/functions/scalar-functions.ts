import { Labels } from "@monotreme/model";
import { createColumn, FLOAT, type ScalarValue, vectorOf } from "../engine/column.ts";
import { type CallFunction, type EvaluatedCall, scalarArgument, vectorArgument } from "./function-call.ts";

function constant(call: EvaluatedCall, value: number): ScalarValue {
  return { kind: "scalar", values: new Float64Array(call.context.grid.count).fill(value) };
}

function time(call: EvaluatedCall): ScalarValue {
  const { grid } = call.context;
  const values = new Float64Array(grid.count);
  for (let i = 0; i < grid.count; i++) values[i] = (grid.startMs + i * grid.stepMs) / 1000;
  return { kind: "scalar", values };
}

/** The only float of each step; NaN where there is none or more than one. */
function scalar(call: EvaluatedCall): ScalarValue {
  const { count } = call.context.grid;
  const values = new Float64Array(count).fill(Number.NaN);
  const found = new Uint8Array(count);
  for (const series of vectorArgument(call, 0).series) {
    call.context.budget.work(count);
    for (let i = 0; i < count; i++) {
      if (series.present[i] !== FLOAT) continue;
      values[i] = found[i] === 0 ? series.values[i]! : Number.NaN;
      found[i] = 1;
    }
  }
  return { kind: "scalar", values };
}

function vector(call: EvaluatedCall): ReturnType<CallFunction> {
  const values = scalarArgument(call, 0);
  const column = createColumn(Labels.EMPTY, false, values.length);
  column.values.set(values);
  column.present.fill(FLOAT);
  return vectorOf([column]);
}

function pairwise(choose: (a: number, b: number) => number): CallFunction {
  return (call) => {
    const right = scalarArgument(call, 1);
    return { kind: "scalar", values: scalarArgument(call, 0).map((left, step) => choose(left, right[step]!)) };
  };
}

/** Functions between scalars and vectors, and the query's own times. */
export const SCALAR_FUNCTIONS: Readonly<Record<string, CallFunction>> = {
  time,
  scalar,
  vector,
  pi: (call) => constant(call, Math.PI),
  start: (call) => constant(call, call.context.query.startMs / 1000),
  end: (call) => constant(call, call.context.query.endMs / 1000),
  step: (call) => constant(call, call.context.query.stepMs / 1000),
  range: (call) => constant(call, (call.context.query.endMs - call.context.query.startMs) / 1000),
  min_of: pairwise(Math.min),
  max_of: pairwise(Math.max),
};
