import type { RangeCall, RangeKernel } from "./range-call.ts";

/** Makes a kernel of a function of one non-empty window, `values[first … last]`. */
function perWindow(evaluate: (values: Float64Array, first: number, last: number) => number): RangeKernel {
  return (call, out, present) => {
    const { values, low, high, budget } = call;
    for (let step = 0; step < out.length; step++) {
      const first = low[step]!;
      const last = high[step]! - 1;
      if (last < first) continue;
      budget.work(last - first);
      out[step] = evaluate(values, first, last);
      present[step] = 1;
    }
  };
}

/** Makes a kernel of a function that looks at a window's first and last sample only. */
function fromBounds(evaluate: (call: RangeCall, first: number, last: number) => number): RangeKernel {
  return (call, out, present) => {
    const { low, high } = call;
    for (let step = 0; step < out.length; step++) {
      if (high[step]! <= low[step]!) continue;
      out[step] = evaluate(call, low[step]!, high[step]! - 1);
      present[step] = 1;
    }
  };
}

/** Neumaier's sum: the lost low bits are collected apart. An infinite sum stays as it is. */
export function compensatedSum(values: Float64Array, first: number, last: number): number {
  let sum = 0;
  let lost = 0;
  for (let i = first; i <= last; i++) {
    const value = values[i]!;
    const next = sum + value;
    if (next === Infinity || next === -Infinity) lost = 0;
    else if (Math.abs(sum) >= Math.abs(value)) lost += sum - next + value;
    else lost += value - next + sum;
    sum = next;
  }
  return sum === Infinity || sum === -Infinity ? sum : sum + lost;
}

/** The mean as sum over count, or, where the sum would overflow, built up sample by sample. */
export function compensatedMean(values: Float64Array, first: number, last: number): number {
  let sum = values[first]!;
  let lost = 0;
  for (let i = first + 1; i <= last; i++) {
    const value = values[i]!;
    const next = sum + value;
    if (next === Infinity || next === -Infinity) return incrementalMean(values, { first, at: i, last, sum, lost });
    if (Math.abs(sum) >= Math.abs(value)) lost += sum - next + value;
    else lost += value - next + sum;
    sum = next;
  }
  const count = last - first + 1;
  return sum / count + lost / count;
}

interface OverflowingSum {
  readonly first: number;
  /** The sample whose addition overflows; `sum` and `lost` cover those before it. */
  readonly at: number;
  readonly last: number;
  readonly sum: number;
  readonly lost: number;
}

function incrementalMean(values: Float64Array, { first, at, last, sum, lost }: OverflowingSum): number {
  let average = sum / (at - first);
  let rest = lost / (at - first);
  for (let i = at; i <= last; i++) {
    const count = i - first + 1;
    const share = (count - 1) / count;
    const old = share * average;
    const added = values[i]! / count;
    const next = old + added;
    rest *= share;
    if (next === Infinity || next === -Infinity) rest = 0;
    else if (Math.abs(old) >= Math.abs(added)) rest += old - next + added;
    else rest += added - next + old;
    average = next;
  }
  return average + rest;
}

/** Population variance by Welford's method with compensated sums. */
function variance(values: Float64Array, first: number, last: number): number {
  let count = 0;
  let average = 0;
  let averageLost = 0;
  let squares = 0;
  let squaresLost = 0;
  for (let i = first; i <= last; i++) {
    count++;
    const delta = values[i]! - (average + averageLost);
    const shift = delta / count;
    let next = average + shift;
    if (next === Infinity || next === -Infinity) averageLost = 0;
    else if (Math.abs(average) >= Math.abs(shift)) averageLost += average - next + shift;
    else averageLost += shift - next + average;
    average = next;
    const square = delta * (values[i]! - (average + averageLost));
    next = squares + square;
    if (next === Infinity || next === -Infinity) squaresLost = 0;
    else if (Math.abs(squares) >= Math.abs(square)) squaresLost += squares - next + square;
    else squaresLost += square - next + squares;
    squares = next;
  }
  return (squares + squaresLost) / count;
}

export const OVER_TIME_KERNELS = {
  sum_over_time: perWindow(compensatedSum),
  avg_over_time: perWindow(compensatedMean),
  count_over_time: fromBounds((_call, first, last) => last - first + 1),
  present_over_time: fromBounds(() => 1),
  first_over_time: fromBounds(({ values }, first) => values[first]!),
  last_over_time: fromBounds(({ values }, _first, last) => values[last]!),
  stdvar_over_time: perWindow(variance),
  stddev_over_time: perWindow((values, first, last) => Math.sqrt(variance(values, first, last))),
  ts_of_first_over_time: fromBounds(({ timestamps }, first) => timestamps[first]! / 1000),
  ts_of_last_over_time: fromBounds(({ timestamps }, _first, last) => timestamps[last]! / 1000),
} as const;
