import type { QueryRange, QueryValue } from "@monotreme/promql";
import type { StepGrid, StepMatrix } from "./step-matrix.ts";
import { stepMatrixOf, stepOf } from "./step-matrix.ts";

/** Values and gaps of one result: it is put together and written on the main thread, in some 10 ms. */
export const MAX_CACHED_CELLS = 100_000;

/** The result of a range query as columns, where they are wanted and it is small enough. */
export function columnsOf(
  value: QueryValue,
  { startMs, endMs }: QueryRange,
  wanted: { readonly grid: StepGrid } | undefined,
): StepMatrix | undefined {
  if (wanted === undefined || value.type !== "matrix") return undefined;
  const firstStep = stepOf(wanted.grid, startMs);
  const count = stepOf(wanted.grid, endMs) - firstStep + 1;
  return stepMatrixOf(value.series, wanted.grid, { firstStep, count }, MAX_CACHED_CELLS);
}
