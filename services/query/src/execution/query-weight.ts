import { type Expression, childrenOf, type QueryRange, type SelectRequest } from "@monotreme/promql";
import type { ReadProgress } from "./bounded-source.ts";
import type { ReadLimits } from "./query-limits.ts";

/**
 * What a query may read and still be evaluated on the main thread: some milliseconds of work (ADR 6 has the figures),
 * during which nothing else is served.
 */
export const SMALL_QUERY: ReadLimits = {
  maxSamples: 30_000,
  maxSeries: 3000,
  maxReadBytes: 4 * 2 ** 20,
};

/** Samples looked at in all windows together: windows overlap where steps are shorter than ranges. */
const MAX_SMALL_WORK = 1_000_000;

/** Each node is a pass over the columns of its operands. */
const MAX_SMALL_NODES = 100;

/** Calls whose work does not follow from the number of samples. */
const UNBOUNDED_CALLS: ReadonlySet<string> = new Set(["label_replace"]);

/** Thrown where a query turns out to be no small one; it begins anew in a worker. */
export class NotSmallError extends Error {}

/** Whether the shape of a query alone says that it may be much work, whatever it reads. */
export function isLargeByShape(expression: Expression): boolean {
  let nodes = 0;
  const visit = (node: Expression): boolean => {
    nodes++;
    if (node.kind === "subquery" || nodes > MAX_SMALL_NODES) return true;
    if (node.kind === "call" && UNBOUNDED_CALLS.has(node.name)) return true;
    return childrenOf(node).some(visit);
  };
  return visit(expression);
}

/** Throws {@link NotSmallError} where the windows over what was read are more work than a small query's. */
export function checkSmallWork({ samples }: ReadProgress, request: SelectRequest, range: QueryRange): void {
  if (request.stepMs === 0) return;
  const steps = Math.floor((range.endMs - range.startMs) / request.stepMs);
  const windowMs = request.untilMs - request.afterMs - steps * request.stepMs;
  const overlap = Math.min(steps + 1, windowMs / request.stepMs);
  if (samples * Math.max(1, overlap) > MAX_SMALL_WORK) throw new NotSmallError("windows overlap much");
}

/** Whether a small query's fault is one that only its being small explains. */
export function isBeyondSmall(error: unknown): boolean {
  return error instanceof NotSmallError || (error instanceof Error && "code" in error && SIZE_CODES.has(error.code));
}

const SIZE_CODES: ReadonlySet<unknown> = new Set([
  "QUERY_TOO_MANY_SAMPLES",
  "QUERY_TOO_MANY_SERIES",
  "QUERY_TOO_MANY_BYTES",
]);
