import { formatFloat } from "@monotreme/model";
import type { NativeHistogram } from "../value.ts";
import { boundedBuckets, hasCustomBuckets } from "./histogram-layout.ts";

/** A histogram in one line, as Prometheus writes it into labels: `{count:3, sum:4, (0.5,1]:1, (1,2]:2}`. */
export function formatHistogram(histogram: NativeHistogram): string {
  const parts = [`count:${formatFloat(histogram.count)}`, `sum:${formatFloat(histogram.sum)}`];
  for (const { lower, upper, count } of boundedBuckets(histogram)) {
    const isZero = !hasCustomBuckets(histogram) && lower <= 0 && upper >= 0;
    const isNegative = !hasCustomBuckets(histogram) && upper < 0;
    const [open, close] = [isZero || isNegative ? "[" : "(", isNegative ? ")" : "]"];
    parts.push(`${open}${formatFloat(lower)},${formatFloat(upper)}${close}:${formatFloat(count)}`);
  }
  return `{${parts.join(", ")}}`;
}
