import type { Route } from "@monotreme/alertmanager-config";
import type { CancelTimer } from "@monotreme/clock";
import type { Alert, LabelSet } from "../alerts/alert.ts";

/** A flush of which not all integrations have been told yet. */
export interface OpenFlush {
  readonly flushMs: number;
  /** Log entries that must say so. */
  readonly waitingFor: Set<string>;
  /** Resolved alerts that leave the group then, unless something changed since. */
  readonly leaving: readonly Alert[];
}

/** The alerts of one route with the same values of the labels by which it groups, and when they are flushed next. */
export class AggregationGroup {
  readonly id: string;
  readonly route: Route;
  readonly groupKey: string;
  readonly labels: LabelSet;
  readonly alerts = new Map<string, Alert>();
  /** The instant of the next flush, by which it is named; the timer may be a little late. */
  nextFlushMs = 0;
  cancelTimer: CancelTimer | undefined;
  openFlush: OpenFlush | undefined;

  constructor(id: string, route: Route, groupKey: string, labels: LabelSet) {
    this.id = id;
    this.route = route;
    this.groupKey = groupKey;
    this.labels = labels;
  }
}
