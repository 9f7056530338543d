import { alignedRangeMs } from "../buckets/align-request.ts";
import type { Windows } from "./range-window.ts";

/** The windows of an instant selector over series of a resolution (0: raw): the lookback before a bucket's border. */
export function instantWindowsAt(windows: Windows, resolutionMs: number): Windows {
  return resolutionMs === 0 ? windows : { ...windows, resolutionMs };
}

/** The windows of a range selector over series of a resolution (0: raw): as many whole buckets as fit, at least one. */
export function rangeWindowsAt(windows: Windows, resolutionMs: number): Windows {
  if (resolutionMs === 0) return windows;
  return { ...windows, resolutionMs, rangeMs: alignedRangeMs(windows.rangeMs, resolutionMs) };
}
