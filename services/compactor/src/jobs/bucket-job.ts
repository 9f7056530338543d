import { windowInput } from "@monotreme/storage";
import type { DueBuckets } from "../plan/plan.ts";
import type { BlockJob, BucketMaker } from "./block-job.ts";

/** The job of a 5m or 1h block; its inputs are noted as they were before anything was read. */
export function createBucketJob({ key, remake, keep }: DueBuckets, makeBuckets: BucketMaker): BlockJob {
  return async (context) => {
    const result = await makeBuckets({ key, remake, keep }, context);
    const windows = [...keep, ...remake].toSorted((a, b) => a.startMs - b.startMs);
    return { ...result, inputs: windows.map(({ startMs, generation }) => windowInput(startMs, generation)) };
  };
}
