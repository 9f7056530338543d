import type { AlertmanagerMetrics } from "../metrics.ts";

/** The instruments that the core counts with. */
export type CoreMetrics = Pick<AlertmanagerMetrics, "intake" | "notifications" | "dispatcher" | "delivery">;

/** What kept the last alerts of a flush from being notified. */
export type SuppressionReason = "silence" | "inhibition" | "mute_time_interval" | "active_time_interval";
