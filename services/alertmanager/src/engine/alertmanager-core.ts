import type { AlertmanagerConfig, Receiver, Route } from "@monotreme/alertmanager-config";
import type { Bus } from "@monotreme/bus";
import type { Clock } from "@monotreme/clock";
import type { ConfiguredIntegration, NotificationData } from "@monotreme/receivers";
import type { Logger } from "@monotreme/telemetry";
import type { LabelSet } from "../alerts/alert.ts";
import type { AlertStore } from "../alerts/alert-store.ts";
import type { FailedDeliveries } from "../delivery/failed-deliveries.ts";
import type { HistoryEvents } from "../history/history-events.ts";
import type { AlertViews, SilenceLookup } from "./alert-views.ts";
import type { CoreMetrics } from "./engine-metrics.ts";

export interface CoreOptions {
  readonly bus: Bus;
  /** Replicas of streams and buckets. */
  readonly replicas: number;
  readonly redisUrl: string;
  readonly config: AlertmanagerConfig;
  readonly silences: SilenceLookup;
  /** Builds a receiver's integrations; called once a receiver at start and at each reload. */
  readonly createIntegrations: (receiver: Receiver) => readonly ConfiguredIntegration[];
  /** Expands a route's label templates for a group; the texts as they stand when not given. */
  readonly renderRouteLabels?: (route: Route, data: NotificationData) => LabelSet;
  readonly externalUrl: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: CoreMetrics;
  /** Told of what happens, for the history; nothing when not given. */
  readonly history?: HistoryEvents;
  /** `--data.retention`. */
  readonly retentionMs: number;
  /** `--alerts.gc-interval`. */
  readonly gcIntervalMs: number;
  /** `--dispatch.start-delay`: no group is flushed for that long after the start. */
  readonly startDelayMs: number;
  /** With the feature `classic-mode` names of labels are as narrow as they once were. */
  readonly isClassicMode: boolean;
  /** When people hear that an alert is resolved which was held back at that time: when that ends, or at once. */
  readonly heldBackResolved: "afterwards" | "immediately";
}

/** What the service has of the core. */
export interface AlertmanagerCore {
  readonly alerts: AlertStore;
  readonly views: AlertViews;
  readonly failedDeliveries: FailedDeliveries;
  readonly isDispatching: boolean;
  /** Takes a new configuration over; groups are formed anew and their timers start anew, as upstream's. */
  reload(config: AlertmanagerConfig): void;
  /** Stops taking alerts in, hands the dispatching over, waits for deliveries under way, closes. */
  close(): Promise<void>;
}
