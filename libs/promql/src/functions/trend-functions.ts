import { QueryExecutionError } from "../engine/query-error.ts";
import type { RangeCall, RangeKernel } from "./range-call.ts";

/** A sum that keeps the low bits it loses (Neumaier). */
class CompensatedSum {
  #sum = 0;
  #lost = 0;

  get value(): number {
    return this.#sum + this.#lost;
  }

  reset(): void {
    this.#sum = 0;
    this.#lost = 0;
  }

  add(value: number): void {
    const next = this.#sum + value;
    if (next === Infinity || next === -Infinity) this.#lost = 0;
    else if (Math.abs(this.#sum) >= Math.abs(value)) this.#lost += this.#sum - next + value;
    else this.#lost += value - next + this.#sum;
    this.#sum = next;
  }
}

const sumX = new CompensatedSum();
const sumY = new CompensatedSum();
const sumXY = new CompensatedSum();
const sumXX = new CompensatedSum();

interface Line {
  slope: number;
  intercept: number;
}

const line: Line = { slope: 0, intercept: 0 };

/** Fits a line by least squares; x is seconds after `originMs`. The result is overwritten by the next call. */
function fitLine(call: RangeCall, first: number, last: number, originMs: number): Line {
  const { timestamps, values, budget } = call;
  const initial = values[first]!;
  let isConstant = true;
  for (const sum of [sumX, sumY, sumXY, sumXX]) sum.reset();
  for (let i = first; i <= last; i++) {
    budget.workAt(i);
    const y = values[i]!;
    if (y !== initial) isConstant = false;
    const x = (timestamps[i]! - originMs) / 1000;
    sumX.add(x);
    sumY.add(y);
    sumXY.add(x * y);
    sumXX.add(x * x);
  }
  if (isConstant) {
    const isFinite = Number.isFinite(initial);
    line.slope = isFinite ? 0 : Number.NaN;
    line.intercept = isFinite ? initial : Number.NaN;
    return line;
  }
  const count = last - first + 1;
  const covariance = sumXY.value - (sumX.value * sumY.value) / count;
  const spread = sumXX.value - (sumX.value * sumX.value) / count;
  line.slope = covariance / spread;
  line.intercept = sumY.value / count - (line.slope * sumX.value) / count;
  return line;
}

const deriv: RangeKernel = (call, out, present) => {
  const { timestamps, low, high, budget } = call;
  for (let step = 0; step < out.length; step++) {
    const first = low[step]!;
    const last = high[step]! - 1;
    if (last - first < 1) continue;
    budget.work((last - first) * 4);
    // An origin near the samples keeps the sums of squares exact.
    out[step] = fitLine(call, first, last, timestamps[first]!).slope;
    present[step] = 1;
  }
};

const predictLinear: RangeKernel = (call, out, present) => {
  const { low, high, grid, budget } = call;
  const ahead = call.parameters[0]!;
  for (let step = 0; step < out.length; step++) {
    const first = low[step]!;
    const last = high[step]! - 1;
    if (last - first < 1) continue;
    budget.work((last - first) * 4);
    const { slope, intercept } = fitLine(call, first, last, grid.startMs + step * grid.stepMs);
    out[step] = slope * ahead[step]! + intercept;
    present[step] = 1;
  }
};

function checkFactor(kind: string, symbol: string, value: number): void {
  if (value > 0 && value < 1) return;
  throw new QueryExecutionError(`invalid ${kind} factor. Expected: 0 < ${symbol} < 1, got: ${value.toFixed(6)}`);
}

/** Holt's double exponential smoothing: a level and a trend. */
const doubleExponentialSmoothing: RangeKernel = ({ values, low, high, parameters, budget }, out, present) => {
  for (let step = 0; step < out.length; step++) {
    const smoothing = parameters[0]![step]!;
    const trendFactor = parameters[1]![step]!;
    checkFactor("smoothing", "sf", smoothing);
    checkFactor("trend", "tf", trendFactor);
    const first = low[step]!;
    const last = high[step]! - 1;
    if (last - first < 1) continue;
    budget.work(last - first);
    let previousLevel = 0;
    let level = values[first]!;
    let trend = values[first + 1]! - level;
    for (let i = first + 1; i <= last; i++) {
      budget.workAt(i);
      if (i > first + 1) trend = trendFactor * (level - previousLevel) + (1 - trendFactor) * trend;
      const next = smoothing * values[i]! + (1 - smoothing) * (level + trend);
      previousLevel = level;
      level = next;
    }
    out[step] = level;
    present[step] = 1;
  }
};

export const TREND_KERNELS = {
  deriv,
  predict_linear: predictLinear,
  double_exponential_smoothing: doubleExponentialSmoothing,
} as const;
