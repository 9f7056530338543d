import { ABSENT, type ColumnSeries, hasSamples, vectorOf } from "../engine/column.ts";
import { type CallFunction, type EvaluatedCall, mapFloats, scalarArgument, vectorArgument } from "./function-call.ts";

const DEGREES_PER_RADIAN = 180 / Math.PI;

function sign(value: number): number {
  if (value < 0) return -1;
  return value > 0 ? 1 : value;
}

function elementwise(apply: (value: number) => number): CallFunction {
  return (call) => mapFloats(vectorArgument(call, 0), call.context, apply);
}

/** Rounds half up, to a multiple of the second argument (default 1). */
function round(call: EvaluatedCall): ReturnType<CallFunction> {
  const toNearest = call.arguments.length > 1 ? scalarArgument(call, 1) : undefined;
  // Dividing by the inverse is more exact than multiplying where the multiple is a decimal fraction.
  return mapFloats(vectorArgument(call, 0), call.context, (value, step) => {
    const inverse = 1 / (toNearest?.[step] ?? 1);
    return Math.floor(value * inverse + 0.5) / inverse;
  });
}

function clampBetween(call: EvaluatedCall, low: Float64Array, high: Float64Array): ReturnType<CallFunction> {
  const clamped = mapFloats(vectorArgument(call, 0), call.context, (value, step) =>
    Math.max(low[step]!, Math.min(high[step]!, value)),
  );
  const isEmptyInterval = low.some((bound, step) => high[step]! < bound);
  if (!isEmptyInterval) return clamped;
  return vectorOf(clamped.series.map((one) => blankWhere(one, (step) => high[step]! < low[step]!)).filter(hasSamples));
}

function blankWhere(series: ColumnSeries, isBlank: (step: number) => boolean): ColumnSeries {
  return { ...series, present: series.present.map((state, step) => (isBlank(step) ? ABSENT : state)) };
}

/** Functions of one or more numbers that map every float of an instant vector. */
export const MATH_FUNCTIONS: Readonly<Record<string, CallFunction>> = {
  abs: elementwise(Math.abs),
  ceil: elementwise(Math.ceil),
  floor: elementwise(Math.floor),
  exp: elementwise(Math.exp),
  ln: elementwise(Math.log),
  log2: elementwise(Math.log2),
  log10: elementwise(Math.log10),
  sqrt: elementwise(Math.sqrt),
  sgn: elementwise(sign),
  sin: elementwise(Math.sin),
  cos: elementwise(Math.cos),
  tan: elementwise(Math.tan),
  asin: elementwise(Math.asin),
  acos: elementwise(Math.acos),
  atan: elementwise(Math.atan),
  sinh: elementwise(Math.sinh),
  cosh: elementwise(Math.cosh),
  tanh: elementwise(Math.tanh),
  asinh: elementwise(Math.asinh),
  acosh: elementwise(Math.acosh),
  atanh: elementwise(Math.atanh),
  rad: elementwise((value) => value / DEGREES_PER_RADIAN),
  deg: elementwise((value) => value * DEGREES_PER_RADIAN),
  round,
  clamp: (call) => clampBetween(call, scalarArgument(call, 1), scalarArgument(call, 2)),
  clamp_min: (call) => {
    const low = scalarArgument(call, 1);
    return mapFloats(vectorArgument(call, 0), call.context, (value, step) => Math.max(low[step]!, value));
  },
  clamp_max: (call) => {
    const high = scalarArgument(call, 1);
    return mapFloats(vectorArgument(call, 0), call.context, (value, step) => Math.min(high[step]!, value));
  },
};
