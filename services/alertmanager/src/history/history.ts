import type { LabelSet } from "../alerts/alert.ts";
import type { AlertChange, HistoryEvents, NotificationRecord } from "./history-events.ts";

/** An alert that began or ended. */
export interface AlertRecord {
  readonly atMs: number;
  readonly change: AlertChange;
  readonly fingerprint: string;
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly startsAtMs: number;
  readonly generatorUrl: string;
}

/** What to read: the newest within a time, both ends included. */
export interface HistoryQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  /** Only what concerns this alert. */
  readonly fingerprint?: string;
  /** Only notifications to this receiver. */
  readonly receiver?: string;
}

/** What happened, newest first. Writing never blocks or throws; reading may reject with a fault of the store. */
export interface History extends HistoryEvents {
  alerts(query: HistoryQuery): Promise<readonly AlertRecord[]>;
  notifications(query: HistoryQuery): Promise<readonly NotificationRecord[]>;
  close(deadline: AbortSignal): Promise<void>;
}
