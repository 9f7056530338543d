import { ABSENT, type ColumnSeries, FLOAT } from "./column.ts";
import type { SampleBudget } from "./sample-budget.ts";

/** Folds the series of a group into one column, series after series so that memory is read in order. */
export type Reducer = (members: readonly ColumnSeries[], out: ColumnSeries, budget: SampleBudget) => void;

/** Adds with Neumaier's compensation, so that the result does not depend on the order of the series. */
const sum: Reducer = (members, out, budget) => {
  const { values: sums, present } = out;
  const lost = new Float64Array(sums.length);
  for (const member of members) {
    budget.work(out.values.length);
    const { values } = member;
    for (let i = 0; i < sums.length; i++) {
      if (member.present[i] !== FLOAT) continue;
      const value = values[i]!;
      const old = sums[i]!;
      const next = old + value;
      if (next === Infinity || next === -Infinity) lost[i] = 0;
      else if (Math.abs(old) >= Math.abs(value)) lost[i]! += old - next + value;
      else lost[i]! += value - next + old;
      sums[i] = next;
      present[i] = FLOAT;
    }
  }
  for (let i = 0; i < sums.length; i++) sums[i]! += lost[i]!;
};

/** Sum over count; steps whose sum overflows go on with a running mean. */
const avg: Reducer = (members, out, budget) => {
  const { values: sums, present } = out;
  const size = sums.length;
  const lost = new Float64Array(size);
  const counts = new Float64Array(size);
  const isRunning = new Uint8Array(size);
  for (const member of members) {
    budget.work(out.values.length);
    for (let i = 0; i < size; i++) {
      if (member.present[i] !== FLOAT) continue;
      let value = member.values[i]!;
      const count = ++counts[i]!;
      present[i] = FLOAT;
      let old = sums[i]!;
      let rest = lost[i]!;
      let next = old + value;
      if (isRunning[i] === 0 && count > 1 && (next === Infinity || next === -Infinity)) {
        isRunning[i] = 1;
        old /= count - 1;
        rest /= count - 1;
      }
      if (isRunning[i] === 1) {
        const share = (count - 1) / count;
        old *= share;
        rest *= share;
        value /= count;
        next = old + value;
      }
      if (next === Infinity || next === -Infinity) rest = 0;
      else if (Math.abs(old) >= Math.abs(value)) rest += old - next + value;
      else rest += value - next + old;
      sums[i] = next;
      lost[i] = rest;
    }
  }
  for (let i = 0; i < size; i++) {
    if (present[i] === ABSENT) continue;
    sums[i] = isRunning[i] === 1 ? sums[i]! + lost[i]! : sums[i]! / counts[i]! + lost[i]! / counts[i]!;
  }
};

function extreme(isBetter: (value: number, best: number) => boolean): Reducer {
  return (members, out, budget) => {
    const { values: best, present } = out;
    for (const member of members) {
      budget.work(out.values.length);
      for (let i = 0; i < best.length; i++) {
        if (member.present[i] !== FLOAT) continue;
        const value = member.values[i]!;
        if (present[i] === ABSENT || isBetter(value, best[i]!) || Number.isNaN(best[i])) best[i] = value;
        present[i] = FLOAT;
      }
    }
  };
}

/** Samples of any kind count. */
const count: Reducer = (members, out, budget) => {
  for (const member of members) {
    budget.work(out.values.length);
    for (let i = 0; i < out.values.length; i++) {
      if (member.present[i] === ABSENT) continue;
      out.values[i]!++;
      out.present[i] = FLOAT;
    }
  }
};

const group: Reducer = (members, out, budget) => {
  for (const member of members) {
    budget.work(out.values.length);
    for (let i = 0; i < out.values.length; i++) if (member.present[i] !== ABSENT) out.present[i] = FLOAT;
  }
  out.values.fill(1);
};

/** Population variance by Welford's method; an infinite or NaN sample gives NaN. */
const stdvar: Reducer = (members, out, budget) => {
  const { values: squares, present } = out;
  const size = squares.length;
  const means = new Float64Array(size);
  const counts = new Float64Array(size);
  for (const member of members) {
    budget.work(out.values.length);
    for (let i = 0; i < size; i++) {
      if (member.present[i] !== FLOAT) continue;
      const value = member.values[i]!;
      const delta = value - means[i]!;
      const seen = ++counts[i]!;
      means[i]! += delta / seen;
      squares[i]! += delta * (value - means[i]!);
      present[i] = FLOAT;
    }
  }
  for (let i = 0; i < size; i++) if (present[i] !== ABSENT) squares[i]! /= counts[i]!;
};

const stddev: Reducer = (members, out, budget) => {
  stdvar(members, out, budget);
  for (let i = 0; i < out.values.length; i++) out.values[i] = Math.sqrt(out.values[i]!);
};

/** The aggregations that make one column of a group without a parameter. */
export const REDUCERS = {
  sum,
  avg,
  min: extreme((value, best) => value < best),
  max: extreme((value, best) => value > best),
  count,
  group,
  stddev,
  stdvar,
} as const;
