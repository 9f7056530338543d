import type { PatternBudget } from "@monotreme/model";

/** What of the language is switched on; the defaults are Prometheus'. */
export interface ParserOptions {
  /** Experimental functions and aggregations; default false. */
  readonly experimentalFunctions?: boolean;
  /** Arithmetic inside `[…]` and after `offset`; default true. */
  readonly durationExpressions?: boolean;
  /** `anchored` and `smoothed`; default false. */
  readonly extendedRangeSelectors?: boolean;
  /** `fill`, `fill_left` and `fill_right`; default false. */
  readonly binopFillModifiers?: boolean;
  /** Shared where one request brings several texts; default: one for each. */
  readonly patterns?: PatternBudget;
}
