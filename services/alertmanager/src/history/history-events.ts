import type { Alert } from "../alerts/alert.ts";

export type AlertChange = "firing" | "resolved";

/** One notification that was sent or given up. */
export interface NotificationRecord {
  readonly atMs: number;
  readonly outcome: "sent" | "failed";
  readonly groupKey: string;
  readonly receiver: string;
  readonly integration: string;
  readonly integrationIndex: number;
  readonly notificationReason: string;
  readonly flushMs: number;
  readonly attempts: number;
  /** Fingerprints. */
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  readonly groupLabels: Readonly<Record<string, string>>;
  /** Empty for one that was sent; no secrets. */
  readonly error: string;
}

/** Told of what happens, by the replica that does it. Must not block or throw. */
export interface HistoryEvents {
  alertChanged(alert: Alert, change: AlertChange, atMs: number): void;
  notified(record: NotificationRecord): void;
}
