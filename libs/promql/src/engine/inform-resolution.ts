import { formatDurationMs } from "@monotreme/model";
import type { PositionRange } from "../ast.ts";
import { EXACT_RANGE_FUNCTIONS } from "../buckets/exact-functions.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import type { RangeVector } from "./range-window.ts";

/** What native histograms that were thinned give exactly, or but for the extrapolation to the borders of windows. */
const EXACT_FOR_HISTOGRAMS: ReadonlySet<string> = new Set([
  "absent_over_time",
  "delta",
  "first_over_time",
  "increase",
  "last_over_time",
  "present_over_time",
  "rate",
  "resets",
  "ts_of_first_over_time",
  "ts_of_last_over_time",
]);

/**
 * Tells of a function of downsampled series whose result is not the one that raw samples would have given; `name` is
 * empty for a range vector without one.
 */
export function informResolution(
  name: string,
  { series, windows, extension, requestedMs }: RangeVector,
  position: PositionRange,
  { annotations }: EvaluationContext,
): void {
  const { resolutionMs } = windows;
  if (resolutionMs === undefined || series.length === 0) return;
  const shown = name === "" ? "a range vector" : name;
  const resolution = formatDurationMs(resolutionMs);
  if (requestedMs < resolutionMs) {
    const requested = formatDurationMs(Math.round(requestedMs));
    annotations.inform(`window of ${shown} widened from ${requested} to the resolution of ${resolution}`, position);
  }
  const hasThinned = series.some(({ histograms }) => histograms !== undefined);
  const isExact =
    extension === undefined && EXACT_RANGE_FUNCTIONS.has(name) && (!hasThinned || EXACT_FOR_HISTOGRAMS.has(name));
  if (isExact) return;
  annotations.inform(
    `${shown} computed from data downsampled to ${resolution}, one sample per ${resolution}`,
    position,
  );
}
