import { type Alert, isResolvedAt } from "../alerts/alert.ts";
import type { AlertViews } from "../engine/alert-views.ts";
import type { AlertState } from "../observed-metrics.ts";

/** How many alerts that have not ended there are, by state. */
export function countAlerts(
  alerts: Iterable<Alert>,
  views: AlertViews,
  nowMs: number,
): Readonly<Record<AlertState, number>> {
  const counts = { active: 0, suppressed: 0, unprocessed: 0 };
  for (const alert of alerts) if (!isResolvedAt(alert, nowMs)) counts[views.statusOf(alert).state]++;
  return counts;
}
