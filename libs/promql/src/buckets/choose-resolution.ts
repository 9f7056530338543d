import type { SelectRequest } from "../sample-source.ts";
import { EXACT_RANGE_FUNCTIONS } from "./exact-functions.ts";

/** What a source has for the time range of a request. */
export interface AvailableResolutions {
  /** Widths of the buckets that exist, epoch ms, in any order, without the raw samples. */
  readonly resolutionsMs: readonly number[];
  /** What still exists at the oldest end of the range: 0 while raw samples do, else the finest bucket width left. */
  readonly finestMs: number;
}

/** `"auto"` takes a coarser resolution for unaligned steps only where they are this many buckets long. */
const BUCKETS_PER_UNALIGNED_STEP = 5;
/** Buckets that the one window of an instant query must hold, depending on whether it ends on a bucket's border. */
const BUCKETS_PER_ALIGNED_INSTANT = 20;
const BUCKETS_PER_UNALIGNED_INSTANT = 100;

const ONE_BUCKET_FUNCTION = /_over_time$/;

/**
 * Which resolution answers a request best, in ms, 0 for raw samples: the coarsest that `maxResolutionMs` and the window
 * allow, but never finer than what still exists, even where that widens the window.
 */
export function chooseResolution(request: SelectRequest, available: AvailableResolutions): number {
  const { maxResolutionMs = 0 } = request;
  const isAllowed = maxResolutionMs === "auto" ? isFree : isWithin(maxResolutionMs);
  const coarsestFirst = available.resolutionsMs.toSorted((a, b) => b - a);
  const chosen = coarsestFirst.find((resolutionMs) => resolutionMs > 0 && isAllowed(request, resolutionMs)) ?? 0;
  return Math.max(chosen, available.finestMs);
}

function isWithin(maxResolutionMs: number): (request: SelectRequest, resolutionMs: number) => boolean {
  return (request, resolutionMs) => {
    if (resolutionMs > maxResolutionMs || request.rangeMs === undefined) return false;
    if (request.isRange !== true) return true;
    const buckets = ONE_BUCKET_FUNCTION.test(request.functionName) ? 1 : 2;
    return request.rangeMs >= buckets * resolutionMs;
  };
}

/** Whether a resolution changes nothing about the answer, or little beside the distance of its steps. */
function isFree(request: SelectRequest, resolutionMs: number): boolean {
  const { stepMs, rangeMs, firstEndMs, isRange, functionName } = request;
  if (rangeMs === undefined || firstEndMs === undefined) return false;
  const isAligned = firstEndMs % resolutionMs === 0;
  if (isRange === true && (!EXACT_RANGE_FUNCTIONS.has(functionName) || rangeMs < 2 * resolutionMs)) return false;
  if (stepMs === 0) {
    const buckets = isAligned ? BUCKETS_PER_ALIGNED_INSTANT : BUCKETS_PER_UNALIGNED_INSTANT;
    return isRange === true && rangeMs >= buckets * resolutionMs;
  }
  if (isRange !== true && resolutionMs > stepMs) return false;
  return (isAligned && stepMs % resolutionMs === 0) || stepMs >= BUCKETS_PER_UNALIGNED_STEP * resolutionMs;
}
