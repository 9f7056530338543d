import type { Counter, Gauge, Histogram } from "@monotreme/telemetry";

/** The instruments that the core counts with; the service creates them with all its others. */
export interface CoreMetrics {
  /** `alertmanager_notifications_total`: notifications by integration, whatever became of them. */
  readonly notifications: Counter<"integration">;
  /** `alertmanager_notifications_failed_total`: notifications given up, by integration and reason. */
  readonly notificationsFailed: Counter<"integration" | "reason">;
  /** `alertmanager_notification_requests_total`: tries. */
  readonly notificationRequests: Counter<"integration">;
  /** `alertmanager_notification_requests_failed_total`: tries that failed. */
  readonly notificationRequestsFailed: Counter<"integration">;
  /** `alertmanager_notification_latency_seconds`: time of one try. */
  readonly notificationLatency: Histogram<"integration">;
  /** `alertmanager_notifications_suppressed_total`: groups flushed with nothing left, by what took the last alerts. */
  readonly notificationsSuppressed: Counter<"reason">;
  /** `alertmanager_dispatcher_aggregation_groups`. */
  readonly aggregationGroups: Gauge;
  /** `alertmanager_dispatcher_alert_processing_duration_seconds` (a summary upstream). */
  readonly alertProcessing: { observe(seconds: number): void };
  /** Jobs that could not be put into Redis at once; they are kept and tried again. */
  readonly queueFailures: Counter;
  /** Jobs put into Redis a second time, because they had vanished from it. */
  readonly jobsRebuilt: Counter;
  /** Jobs delivered past Redis, because it was away for too long. */
  readonly directDeliveries: Counter;
  /** 1 while this replica dispatches. */
  readonly dispatching: Gauge;
  /** Messages of the stream ALERTS that could not be read. */
  readonly deadLetters: Counter;
  /** Rows of history that were dropped because ClickHouse was away for too long. */
  readonly historyDropped: Counter;
}

/** Values of `reason` of {@link CoreMetrics.notificationsSuppressed}. */
export const SUPPRESSION_REASONS = ["silence", "inhibition", "mute_time_interval", "active_time_interval"] as const;

export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number];
