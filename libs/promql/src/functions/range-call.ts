import type { Windows } from "../engine/range-window.ts";
import type { SampleBudget } from "../engine/sample-budget.ts";
import type { TimeGrid } from "../engine/time-grid.ts";

/**
 * One series of a range vector as a kernel sees it: float columns, and for step i the window
 * `low[i] ≤ index < high[i]`. The arrays belong to the caller and are used again for the next series.
 */
export interface RangeCall {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly windows: Windows;
  readonly grid: TimeGrid;
  /** How far before and after a window its borders may look for samples (`anchored`, `smoothed`). */
  readonly lookbackMs: number;
  /** The scalar arguments in order, a value a step. */
  readonly parameters: readonly Float64Array[];
  /** Where kernels report their work window by window, because one series alone may take too long. */
  readonly budget: SampleBudget;
}

/** Fills `out` and sets `present` to 1 where there is a result. */
export type RangeKernel = (call: RangeCall, out: Float64Array, present: Uint8Array) => void;
