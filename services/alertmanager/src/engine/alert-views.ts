import { type AlertmanagerConfig } from "@monotreme/alertmanager-config";
import type { Alert, LabelSet } from "../alerts/alert.ts";

/** Which silences hold an alert back now. */
export interface SilenceLookup {
  /** Ids, in a stable order. */
  silencedBy(labels: LabelSet): readonly string[];
}

export type AlertState = "unprocessed" | "active" | "suppressed";

/** What holds an alert back, at the moment of asking. */
export interface AlertStatus {
  readonly state: AlertState;
  /** Ids of silences. */
  readonly silencedBy: readonly string[];
  /** Fingerprint of one inhibiting alert, or nothing. */
  readonly inhibitedBy: readonly string[];
}

/** One aggregation group with its alerts that have not ended. */
export interface GroupView {
  readonly groupKey: string;
  readonly routeId: string;
  readonly labels: LabelSet;
  readonly routeLabels: LabelSet;
  readonly receiver: string;
  /** In the order of their fingerprints. */
  readonly alerts: readonly Alert[];
  /** Names of the time intervals that hold the whole group back now. */
  readonly mutedBy: readonly string[];
}

/** The same on every replica, whoever dispatches: computed from the alerts, the silences and the configuration. */
export interface AlertViews {
  /** Names of the receivers that the routes choose, in the order of the routes. */
  receiversOf(alert: Alert): readonly string[];
  statusOf(alert: Alert): AlertStatus;
  /** Sorted by labels, then receiver. `accepts` leaves alerts out; groups without alerts are left out. */
  groups(accepts: (alert: Alert) => boolean): readonly GroupView[];
}

/** For {@link AlertViews} that follow a reload. */
export type ConfigSource = () => AlertmanagerConfig;
