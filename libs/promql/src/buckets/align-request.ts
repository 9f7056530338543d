import type { SelectRequest } from "../sample-source.ts";

/** The widths of the windows that a resolution can answer: whole buckets, at least one. */
export function alignedRangeMs(rangeMs: number, resolutionMs: number): number {
  return Math.max(resolutionMs, Math.floor(rangeMs / resolutionMs) * resolutionMs);
}

/**
 * The range of time `(afterMs, untilMs]` that a source must cover to answer a request at a resolution: multiples of it,
 * so that every bucket lies inside with all its samples. Raw samples (0) are read as the request says.
 */
export function alignedRequest(
  request: SelectRequest,
  resolutionMs: number,
): { readonly afterMs: number; readonly untilMs: number } {
  const { afterMs, untilMs, rangeMs, firstEndMs, lastEndMs, isRange } = request;
  if (resolutionMs === 0) return { afterMs, untilMs };
  const floor = (timeMs: number): number => Math.floor(timeMs / resolutionMs) * resolutionMs;
  const ceil = (timeMs: number): number => Math.ceil(timeMs / resolutionMs) * resolutionMs;
  if (rangeMs === undefined || firstEndMs === undefined || lastEndMs === undefined) {
    return { afterMs: floor(afterMs), untilMs: ceil(untilMs) };
  }
  // What is read beyond the windows, for `anchored` and `smoothed`.
  const beforeMs = firstEndMs - rangeMs - afterMs;
  const behindMs = untilMs - lastEndMs;
  const windowMs = isRange === true ? alignedRangeMs(rangeMs, resolutionMs) : rangeMs;
  return { afterMs: floor(floor(firstEndMs) - windowMs - beforeMs), untilMs: ceil(floor(lastEndMs) + behindMs) };
}
