import { DEFAULT_TENANT } from "@monotreme/contracts";
import { Counter, Gauge, Histogram, type Registry, Summary } from "@monotreme/telemetry";
import type { GroupDefinition } from "./evaluation/group-definition.ts";
import type { GroupMeter } from "./evaluation/group-meter.ts";
import { WATERMARK_OUTCOMES, type WatermarkOutcome } from "./evaluation/ingest-watermark.ts";
import { DELIVERY_STEPS } from "./sending/alert-delivery.ts";
import type { QueueMeter } from "./sending/alertmanager-queue.ts";

/** The instruments of the ruler; names that start with `prometheus_` are upstream's, because its dashboards read them. */
export interface RulerMetrics {
  groupMeter(definition: GroupDefinition): GroupMeter;
  queueMeter(url: string): QueueMeter;
  readonly alertmanagersDiscovered: Gauge;
  readonly queueCapacity: Gauge;
  readonly published: Counter;
  readonly deliveryFailures: Counter<"step">;
  readonly samplesLost: Counter;
  readonly reloads: Counter<"result">;
  readonly reloadSuccessful: Gauge;
  readonly reloadTimestamp: Gauge;
  waited(outcome: WatermarkOutcome, seconds: number): void;
  readonly objects: ObjectMeters;
}

/** The instruments of rules in objects of Kubernetes. */
export interface ObjectMeters {
  readonly inForce: Gauge;
  readonly invalid: Gauge;
  readonly refused: Gauge;
  readonly followed: Gauge;
  readonly kindUnknown: Gauge;
  readonly failures: Counter;
}

export function createRulerMetrics(registry: Registry): RulerMetrics {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const samplesLost = counter(
    "monotreme_ruler_samples_lost_total",
    "Samples and stale markers of rules that NATS did not accept.",
  );
  const deliveryFailures = new Counter({
    name: "monotreme_ruler_delivery_failures_total",
    help: "Alert states that could not be kept and alerts that the stream did not accept; made up for by the next evaluation.",
    labelNames: ["step"],
    registers,
  });
  for (const step of DELIVERY_STEPS) deliveryFailures.inc({ step }, 0);
  const reloads = new Counter({
    name: "monotreme_ruler_reloads_total",
    help: "Times that rule files were read, by result.",
    labelNames: ["result"],
    registers,
  });
  for (const result of ["success", "failure"]) reloads.inc({ result }, 0);
  return {
    ...createGroupMeters(registry, samplesLost),
    ...createNotificationMeters(registry),
    published: counter("monotreme_ruler_alerts_published_total", "Alerts that the stream of alerts accepted."),
    deliveryFailures,
    samplesLost,
    reloads,
    reloadSuccessful: gauge(
      "monotreme_ruler_last_reload_successful",
      "Whether the rule files were read without a fault the last time.",
    ),
    reloadTimestamp: gauge(
      "monotreme_ruler_last_reload_success_timestamp_seconds",
      "When rule files were read without a fault, epoch seconds.",
    ),
    waited: createWatermarkMeter(registry),
    objects: createObjectMeters(registry),
  };
}

function createObjectMeters(registry: Registry): ObjectMeters {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  return {
    inForce: gauge(
      "monotreme_ruler_kubernetes_objects",
      "PrometheusRule objects whose groups are in force, those with a former version included.",
    ),
    invalid: gauge(
      "monotreme_ruler_kubernetes_invalid_objects",
      "PrometheusRule objects that cannot be used as they are; a former version of them stays in force.",
    ),
    refused: gauge(
      "monotreme_ruler_kubernetes_refused_objects",
      "PrometheusRule objects that are left out because there are too many.",
    ),
    followed: gauge(
      "monotreme_ruler_kubernetes_followed",
      "Whether the PrometheusRule objects of all namespaces that were asked for are known and followed.",
    ),
    kindUnknown: gauge(
      "monotreme_ruler_kubernetes_kind_unknown",
      "Whether the API server does not know PrometheusRules: their definition is not installed.",
    ),
    failures: new Counter({
      name: "monotreme_ruler_kubernetes_failures_total",
      help: "Failed lists and watches of PrometheusRule objects.",
      registers,
    }),
  };
}

function createWatermarkMeter(registry: Registry): RulerMetrics["waited"] {
  const registers = [registry];
  const waits = new Counter({
    name: "monotreme_ruler_watermark_waits_total",
    help: "Evaluations by whether everything published before them was stored in time.",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of WATERMARK_OUTCOMES) waits.inc({ outcome }, 0);
  const seconds = new Histogram({
    name: "monotreme_ruler_watermark_wait_seconds",
    help: "How long evaluations waited for samples to be stored.",
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 5],
    registers,
  });
  return (outcome, waited) => {
    waits.inc({ outcome });
    seconds.observe(waited);
  };
}

const SUMMARY = { percentiles: [0.01, 0.05, 0.5, 0.9, 0.99], maxAgeSeconds: 600, ageBuckets: 5 };

function createGroupInstruments(registry: Registry) {
  const registers = [registry];
  const labelNames = ["rule_group"] as const;
  const groupCounter = (name: string, help: string) => new Counter({ name, help, labelNames, registers });
  const groupGauge = (name: string, help: string) => new Gauge({ name, help, labelNames, registers });
  const evaluations = groupCounter("prometheus_rule_evaluations_total", "Evaluations of rules, by group.");
  const failures = groupCounter("prometheus_rule_evaluation_failures_total", "Rules that failed, by group.");
  const iterations = groupCounter(
    "prometheus_rule_group_iterations_total",
    "Evaluations that a group was due for, the missed ones included.",
  );
  const missed = groupCounter(
    "prometheus_rule_group_iterations_missed_total",
    "Evaluations of a group that were passed over because it took too long.",
  );
  const interval = groupGauge("prometheus_rule_group_interval_seconds", "Interval of each group.");
  const lastDuration = groupGauge("prometheus_rule_group_last_duration_seconds", "Time of a group's last evaluation.");
  const lastTimestamp = groupGauge(
    "prometheus_rule_group_last_evaluation_timestamp_seconds",
    "When a group was evaluated last, epoch seconds.",
  );
  const lastSamples = groupGauge(
    "prometheus_rule_group_last_evaluation_samples",
    "Samples that a group's last evaluation gave.",
  );
  const rules = groupGauge("prometheus_rule_group_rules", "Rules of each group.");
  const ruleSeconds = new Summary({
    name: "prometheus_rule_evaluation_duration_seconds",
    help: "Time of the evaluation of one rule.",
    ...SUMMARY,
    registers,
  });
  const groupSeconds = new Summary({
    name: "prometheus_rule_group_duration_seconds",
    help: "Time of the evaluation of one group.",
    ...SUMMARY,
    registers,
  });
  const counters = [evaluations, failures, iterations, missed];
  const perGroup = [...counters, interval, lastDuration, lastTimestamp, lastSamples, rules];
  return {
    evaluations,
    failures,
    iterations,
    missed,
    interval,
    lastDuration,
    lastTimestamp,
    lastSamples,
    rules,
    ruleSeconds,
    groupSeconds,
    counters,
    perGroup,
  };
}

function createGroupMeters(registry: Registry, lost: Counter): Pick<RulerMetrics, "groupMeter"> {
  const instruments = createGroupInstruments(registry);
  const { evaluations, failures, iterations, missed, ruleSeconds, groupSeconds } = instruments;
  return {
    groupMeter: ({ tenant, file, config, intervalMs }) => {
      const name = `${file};${config.name}`;
      const group = { rule_group: tenant === DEFAULT_TENANT ? name : `${tenant}/${name}` };
      for (const each of instruments.counters) each.inc(group, 0);
      instruments.interval.set(group, intervalMs / 1000);
      instruments.rules.set(group, config.rules.length);
      return {
        ruleStarted: () => evaluations.inc(group),
        ruleEvaluated: (seconds) => ruleSeconds.observe(seconds),
        ruleFailed: () => failures.inc(group),
        samplesLost: (count) => lost.inc(count),
        evaluated: (seconds, tsMs, samples) => {
          groupSeconds.observe(seconds);
          instruments.lastDuration.set(group, seconds);
          instruments.lastTimestamp.set(group, tsMs / 1000);
          instruments.lastSamples.set(group, samples);
        },
        iteration: (passedOver) => {
          iterations.inc(group, passedOver + 1);
          missed.inc(group, passedOver);
        },
        remove: () => {
          for (const each of instruments.perGroup) each.remove(group);
        },
      };
    },
  };
}

function createNotificationMeters(
  registry: Registry,
): Pick<RulerMetrics, "queueMeter" | "alertmanagersDiscovered" | "queueCapacity"> {
  const registers = [registry];
  const labelNames = ["alertmanager"] as const;
  const perTarget = (name: string, help: string) => new Counter({ name, help, labelNames, registers });
  const sent = perTarget("prometheus_notifications_sent_total", "Alerts sent, by Alertmanager.");
  const errors = perTarget("prometheus_notifications_errors_total", "Alerts in requests that failed, by Alertmanager.");
  const dropped = perTarget(
    "prometheus_notifications_dropped_total",
    "Alerts dropped because a queue was full or a request failed, by Alertmanager.",
  );
  const latency = new Summary({
    name: "prometheus_notifications_latency_seconds",
    help: "Time of requests to an Alertmanager.",
    labelNames,
    percentiles: [0.5, 0.9, 0.99],
    maxAgeSeconds: 600,
    ageBuckets: 5,
    registers,
  });
  const queueLength = new Gauge({
    name: "prometheus_notifications_queue_length",
    help: "Alerts that wait for an Alertmanager.",
    labelNames,
    registers,
  });
  return {
    alertmanagersDiscovered: new Gauge({
      name: "prometheus_notifications_alertmanagers_discovered",
      help: "Alertmanagers that alerts are sent to.",
      registers,
    }),
    queueCapacity: new Gauge({
      name: "prometheus_notifications_queue_capacity",
      help: "Alerts that may wait for one Alertmanager.",
      registers,
    }),
    queueMeter: (url) => {
      const target = { alertmanager: url };
      for (const each of [sent, errors, dropped]) each.inc(target, 0);
      queueLength.set(target, 0);
      return {
        sent: (alerts, seconds) => {
          sent.inc(target, alerts);
          latency.observe(target, seconds);
        },
        failed: (alerts) => errors.inc(target, alerts),
        dropped: (alerts) => dropped.inc(target, alerts),
        queued: (alerts) => queueLength.set(target, alerts),
        remove: () => {
          for (const each of [sent, errors, dropped, latency, queueLength]) each.remove(target);
        },
      };
    },
  };
}
