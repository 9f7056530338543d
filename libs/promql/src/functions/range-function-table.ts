import { OVER_TIME_KERNELS } from "./over-time-functions.ts";
import { QUANTILE_KERNELS } from "./quantile-over-time.ts";
import type { RangeKernel } from "./range-call.ts";
import { RATE_KERNELS } from "./rate-functions.ts";
import { EXTREME_KERNELS } from "./sliding-extreme.ts";
import { TREND_KERNELS } from "./trend-functions.ts";

/** How a function over ranges treats native histograms. */
export type HistogramRule =
  /** Floats only; an info where a window has both, nothing where it has histograms alone. */
  | "ignore"
  /** A window with both gives no result but a warning. */
  | "refuse-mixed"
  /** Every sample counts, whatever its type. */
  | "any";

/** A function of a range vector and perhaps some scalars. */
export interface RangeFunction {
  readonly name: string;
  readonly kernel: RangeKernel;
  /** Which argument is the range vector; the others are scalars. */
  readonly rangeArgument: number;
  readonly keepsName: boolean;
  readonly histogramRule: HistogramRule;
}

const RULES: Readonly<Record<string, HistogramRule>> = {
  rate: "refuse-mixed",
  increase: "refuse-mixed",
  delta: "refuse-mixed",
  irate: "refuse-mixed",
  idelta: "refuse-mixed",
  sum_over_time: "refuse-mixed",
  avg_over_time: "refuse-mixed",
  count_over_time: "any",
  present_over_time: "any",
  first_over_time: "any",
  last_over_time: "any",
  ts_of_first_over_time: "any",
  ts_of_last_over_time: "any",
  resets: "any",
  changes: "any",
};

const KERNELS: Readonly<Record<string, RangeKernel>> = {
  ...RATE_KERNELS,
  ...OVER_TIME_KERNELS,
  ...EXTREME_KERNELS,
  ...QUANTILE_KERNELS,
  ...TREND_KERNELS,
};

/** All functions of range vectors, by name. */
export const RANGE_FUNCTIONS: ReadonlyMap<string, RangeFunction> = new Map(
  Object.entries(KERNELS).map(([name, kernel]): [string, RangeFunction] => [
    name,
    {
      name,
      kernel,
      rangeArgument: name === "quantile_over_time" ? 1 : 0,
      keepsName: name === "first_over_time" || name === "last_over_time",
      histogramRule: RULES[name] ?? "ignore",
    },
  ]),
);
