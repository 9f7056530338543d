import { isEqualHistogram, isResetBetween } from "../functions/histogram-arithmetic.ts";
import { startedAnew } from "../functions/start-timestamp-functions.ts";
import type { NativeHistogram } from "../value.ts";
import { type ColumnSeries, FLOAT } from "./column.ts";
import type { RangeSeries, WindowBounds } from "./range-window.ts";
import type { SampleBudget } from "./sample-budget.ts";

type PairFunction = "resets" | "changes";

/**
 * `resets` or `changes` of a series that has native histograms: a float after a histogram, or the reverse, always
 * counts. `firstOf` gives the sample that a step's window starts with.
 */
export function countPairs(
  name: PairFunction,
  series: RangeSeries,
  { low, high }: WindowBounds,
  firstOf: (step: number) => number,
  out: ColumnSeries,
  budget: SampleBudget,
): void {
  const counted = countedBefore(name, series);
  budget.work(counted.length);
  for (let step = 0; step < out.present.length; step++) {
    if (high[step]! <= low[step]!) continue;
    out.values[step] = counted[high[step]! - 1]! - counted[firstOf(step)]!;
    out.present[step] = FLOAT;
  }
}

/** For each sample how many pairs count up to it and the sample before: differences of two entries are windows' counts. */
function countedBefore(name: PairFunction, series: RangeSeries): Int32Array {
  const { timestamps, startTimestamps, values, histograms } = series;
  const counted = new Int32Array(timestamps.length);
  for (let i = 1; i < counted.length; i++) {
    let counts = isCounted(name, histograms?.[i - 1] ?? values[i - 1]!, histograms?.[i] ?? values[i]!);
    if (!counts && name === "resets" && startTimestamps !== undefined)
      counts = startedAnew({ timestamps, startTimestamps }, i);
    counted[i] = counted[i - 1]! + (counts ? 1 : 0);
  }
  return counted;
}

function isCounted(name: PairFunction, previous: NativeHistogram | number, current: NativeHistogram | number): boolean {
  if (typeof previous === "number" && typeof current === "number") {
    if (name === "resets") return current < previous;
    return current !== previous && !(Number.isNaN(current) && Number.isNaN(previous));
  }
  if (typeof previous === "number" || typeof current === "number") return true;
  return name === "resets" ? isResetBetween(previous, current) : !isEqualHistogram(previous, current);
}
