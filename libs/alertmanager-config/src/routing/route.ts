import type { LabelMatcher } from "../matchers/label-matcher.ts";

/** A node of the routing tree with everything it inherits filled in; time intervals are its own only. */
export interface Route {
  /** The keys from the root down, then the place among its siblings: tells all routes of one tree apart. */
  readonly id: string;
  /** The matchers from the root down, as group keys begin; siblings with equal matchers share it. */
  readonly key: string;
  readonly receiver: string;
  /** Sorted; empty makes one group of everything. */
  readonly groupBy: readonly string[];
  /** Whether each distinct label set is a group of its own. */
  readonly groupByAll: boolean;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  /** Names of time intervals. */
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  /** Sorted by name, value and operator. */
  readonly matchers: readonly LabelMatcher[];
  /** Whether later siblings are tried too after this route matched. */
  readonly continues: boolean;
  /** Templates by name, those of the parents included. */
  readonly labels: Readonly<Record<string, string>>;
  readonly routes: readonly Route[];
}
