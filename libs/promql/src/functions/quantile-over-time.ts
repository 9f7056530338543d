import { trivialQuantile } from "./classic-buckets.ts";
import type { RangeKernel } from "./range-call.ts";
import { SortedWindow } from "./sorted-window.ts";

const quantileOverTime: RangeKernel = ({ values, low, high, parameters, budget }, out, present) => {
  const phi = parameters[0]!;
  const window = new SortedWindow(values);
  for (let step = 0; step < out.length; step++) {
    if (high[step]! <= low[step]!) continue;
    budget.work(window.moveTo(low[step]!, high[step]!));
    out[step] = trivialQuantile(phi[step]!) ?? window.quantile(phi[step]!);
    present[step] = 1;
  }
};

const medianDeviation: RangeKernel = ({ values, low, high, budget }, out, present) => {
  const window = new SortedWindow(values);
  for (let step = 0; step < out.length; step++) {
    if (high[step]! <= low[step]!) continue;
    budget.work(window.moveTo(low[step]!, high[step]!) + high[step]! - low[step]!);
    out[step] = window.medianDeviation();
    present[step] = 1;
  }
};

export const QUANTILE_KERNELS = { quantile_over_time: quantileOverTime, mad_over_time: medianDeviation } as const;
