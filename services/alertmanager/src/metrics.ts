import { Counter, Gauge, Histogram, MONOTREME_VERSION, type Registry, Summary } from "@monotreme/telemetry";
import { createHttpMetrics, type HttpMetrics } from "./api/http-metrics.ts";

/** Kinds of integrations as their metrics name them; all of them are there from the start. */
export const INTEGRATION_NAMES = [
  "discord",
  "email",
  "incidentio",
  "jira",
  "mattermost",
  "msteams",
  "msteamsv2",
  "ntfy",
  "opsgenie",
  "pagerduty",
  "pushover",
  "rocketchat",
  "slack",
  "sns",
  "telegram",
  "victorops",
  "webex",
  "webhook",
  "wechat",
] as const;

/** Why a notification failed. */
export const FAILURE_REASONS = [
  "clientError",
  "serverError",
  "authError",
  "rateLimited",
  "contextCanceled",
  "contextDeadlineExceeded",
  "other",
] as const;

/** What kept alerts of a flush from being notified. */
export const SUPPRESSION_REASONS = ["silence", "inhibition", "mute_time_interval", "active_time_interval"] as const;

/** The instruments of the alertmanager, under upstream's names, because its dashboards and alerts read them. */
export interface AlertmanagerMetrics {
  readonly intake: IntakeMetrics;
  readonly notifications: NotificationMetrics;
  readonly dispatcher: DispatcherMetrics;
  readonly delivery: DeliveryMetrics;
  readonly config: ConfigMetrics;
  readonly silences: SilenceMetrics;
  readonly historyDropped: Counter;
  readonly http: HttpMetrics;
}

export interface IntakeMetrics {
  readonly received: Counter<"status" | "version">;
  readonly invalid: Counter<"version">;
}

export interface NotificationMetrics {
  readonly sent: Counter<"integration">;
  readonly failed: Counter<"integration" | "reason">;
  readonly requests: Counter<"integration">;
  readonly requestsFailed: Counter<"integration">;
  readonly latencySeconds: Histogram<"integration">;
  readonly suppressed: Counter<"reason">;
  readonly templateFailures: Counter<"integration">;
}

export interface DispatcherMetrics {
  readonly groups: Gauge;
  readonly processingSeconds: Summary;
  readonly groupLimitReached: Counter;
}

/** How notifications get from the replica that dispatches to the one that sends. */
export interface DeliveryMetrics {
  /** 1 while this replica dispatches. */
  readonly isDispatching: Gauge;
  readonly queueFailures: Counter;
  readonly jobsRebuilt: Counter;
  readonly directDeliveries: Counter;
  readonly deadLetters: Counter;
}

export interface ConfigMetrics {
  readonly isLastReloadSuccessful: Gauge;
  readonly lastReloadSuccessSeconds: Gauge;
  /** The first 48 bits of the file's MD5. */
  readonly hash: Gauge;
  readonly receivers: Gauge;
  readonly integrations: Gauge;
  readonly inhibitionRules: Gauge;
}

export interface SilenceMetrics {
  readonly gcSeconds: Summary;
  readonly maintenance: Counter;
  readonly maintenanceErrors: Counter;
  readonly queries: Counter;
}

export function createAlertmanagerMetrics(registry: Registry): AlertmanagerMetrics {
  createBuildInfo(registry);
  return {
    intake: createIntakeMetrics(registry),
    notifications: createNotificationMetrics(registry),
    dispatcher: createDispatcherMetrics(registry),
    delivery: createDeliveryMetrics(registry),
    config: createConfigMetrics(registry),
    silences: createSilenceMetrics(registry),
    historyDropped: new Counter({
      name: "monotreme_alertmanager_history_dropped_total",
      help: "Events of the history that were dropped because ClickHouse was away for too long.",
      registers: [registry],
    }),
    http: createHttpMetrics(registry),
  };
}

function createBuildInfo(registry: Registry): void {
  new Gauge({
    name: "alertmanager_build_info",
    help: "Always 1; the build is in the labels.",
    labelNames: ["version", "revision", "branch", "goversion"],
    registers: [registry],
  }).set({ version: MONOTREME_VERSION, revision: "", branch: "HEAD", goversion: process.version }, 1);
}

function createIntakeMetrics(registry: Registry): IntakeMetrics {
  const registers = [registry];
  const received = new Counter({
    name: "alertmanager_alerts_received_total",
    help: "Alerts received, over HTTP (version v2) or from our own services (version bus).",
    labelNames: ["status", "version"],
    registers,
  });
  const invalid = new Counter({
    name: "alertmanager_alerts_invalid_total",
    help: "Alerts received that were refused.",
    labelNames: ["version"],
    registers,
  });
  for (const version of ["v2", "bus"]) {
    for (const status of ["firing", "resolved"]) received.inc({ status, version }, 0);
    invalid.inc({ version }, 0);
  }
  return { received, invalid };
}

function createNotificationMetrics(registry: Registry): NotificationMetrics {
  const registers = [registry];
  const labelNames = ["integration"] as const;
  const sent = new Counter({
    name: "alertmanager_notifications_total",
    help: "Attempted notifications by integration.",
    labelNames,
    registers,
  });
  const failed = new Counter({
    name: "alertmanager_notifications_failed_total",
    help: "Notifications that failed for good, by integration and reason.",
    labelNames: ["integration", "reason"],
    registers,
  });
  const requests = new Counter({
    name: "alertmanager_notification_requests_total",
    help: "Attempts to send a notification, repeats included, by integration.",
    labelNames,
    registers,
  });
  const requestsFailed = new Counter({
    name: "alertmanager_notification_requests_failed_total",
    help: "Attempts to send a notification that failed, by integration.",
    labelNames,
    registers,
  });
  const latencySeconds = new Histogram({
    name: "alertmanager_notification_latency_seconds",
    help: "Time that one attempt to send a notification took.",
    labelNames,
    buckets: [1, 5, 10, 15, 20],
    registers,
  });
  const suppressed = new Counter({
    name: "alertmanager_notifications_suppressed_total",
    help: "Notifications that were not sent because all of their alerts were suppressed, by reason.",
    labelNames: ["reason"],
    registers,
  });
  const templateFailures = new Counter({
    name: "monotreme_alertmanager_template_failures_total",
    help: "Fields of notifications whose template failed; the message says so and goes out.",
    labelNames,
    registers,
  });
  for (const integration of INTEGRATION_NAMES) {
    for (const counter of [sent, requests, requestsFailed, templateFailures]) counter.inc({ integration }, 0);
    for (const reason of FAILURE_REASONS) failed.inc({ integration, reason }, 0);
    latencySeconds.zero({ integration });
  }
  for (const reason of SUPPRESSION_REASONS) suppressed.inc({ reason }, 0);
  return { sent, failed, requests, requestsFailed, latencySeconds, suppressed, templateFailures };
}

function createDispatcherMetrics(registry: Registry): DispatcherMetrics {
  const registers = [registry];
  return {
    groups: new Gauge({
      name: "alertmanager_dispatcher_aggregation_groups",
      help: "Groups that are active.",
      registers,
    }),
    processingSeconds: new Summary({
      name: "alertmanager_dispatcher_alert_processing_duration_seconds",
      help: "Time to sort one alert into its groups.",
      percentiles: [0.5, 0.9, 0.99],
      maxAgeSeconds: 600,
      ageBuckets: 5,
      registers,
    }),
    groupLimitReached: new Counter({
      name: "alertmanager_dispatcher_aggregation_group_limit_reached_total",
      help: "Alerts that were given no group because there are too many.",
      registers,
    }),
  };
}

function createDeliveryMetrics(registry: Registry): DeliveryMetrics {
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers: [registry] });
  return {
    isDispatching: new Gauge({
      name: "monotreme_alertmanager_dispatching",
      help: "1 while this replica forms groups and decides about notifications; one replica does at a time.",
      registers: [registry],
    }),
    queueFailures: counter(
      "monotreme_alertmanager_queue_failures_total",
      "Notifications that could not be queued in Redis at once; they are kept and tried again.",
    ),
    jobsRebuilt: counter(
      "monotreme_alertmanager_jobs_rebuilt_total",
      "Notifications queued again because they had vanished from Redis.",
    ),
    directDeliveries: counter(
      "monotreme_alertmanager_direct_deliveries_total",
      "Notifications sent past the queue because Redis was away.",
    ),
    deadLetters: counter(
      "monotreme_alertmanager_dead_letters_total",
      "Messages of the stream ALERTS that nobody can read.",
    ),
  };
}

function createConfigMetrics(registry: Registry): ConfigMetrics {
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers: [registry] });
  return {
    isLastReloadSuccessful: gauge(
      "alertmanager_config_last_reload_successful",
      "Whether the last reading of the configuration succeeded.",
    ),
    lastReloadSuccessSeconds: gauge(
      "alertmanager_config_last_reload_success_timestamp_seconds",
      "When the configuration was last read with success.",
    ),
    hash: gauge("alertmanager_config_hash", "Hash of the configuration in force."),
    receivers: gauge("alertmanager_receivers", "Receivers that the configuration defines."),
    integrations: gauge("alertmanager_integrations", "Integrations of all receivers."),
    inhibitionRules: gauge("alertmanager_inhibition_rules", "Inhibition rules that the configuration defines."),
  };
}

function createSilenceMetrics(registry: Registry): SilenceMetrics {
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers: [registry] });
  return {
    gcSeconds: new Summary({
      name: "alertmanager_silences_gc_duration_seconds",
      help: "Time to forget the silences that ended long ago.",
      percentiles: [],
      registers: [registry],
    }),
    maintenance: counter("alertmanager_silences_maintenance_total", "Rounds of forgetting old silences."),
    maintenanceErrors: counter("alertmanager_silences_maintenance_errors_total", "Such rounds that failed."),
    queries: counter("alertmanager_silences_queries_total", "Look-ups of the silences of an alert."),
  };
}
