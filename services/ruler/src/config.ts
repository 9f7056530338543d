import {
  CLICKHOUSE_FLAGS,
  durationSchema,
  type Flag,
  flag,
  listenAddressFlag,
  NATS_FLAGS,
  optionalFlag,
  STREAM_FLAGS,
  switchFlag,
  switchSchema,
  textSchema,
  WEB_LOCATION_FLAGS,
  wholeNumberSchema,
} from "@monotreme/config";
import { labelSelectorFault } from "@monotreme/prometheus-config";

const positiveNumberSchema = wholeNumberSchema.refine((count) => count > 0, "expected a number above 0");
const positiveDurationSchema = durationSchema.refine((durationMs) => durationMs > 0, "expected a duration above 0");

/** A switch that `--no-…` turns off. */
function onByDefault(name: string, help: string): Flag<boolean> {
  return { ...switchFlag(name, switchSchema, help), defaultText: "true" };
}

const namespacesSchema = textSchema.transform((text, context): readonly string[] => {
  const names = text.split(",").map((name) => name.trim());
  const given = names.filter((name) => name !== "");
  for (const name of given) {
    if (!/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
      context.addIssue({ code: "custom", message: `${JSON.stringify(name)} is no name of a namespace` });
    }
  }
  return [...new Set(given)];
});

const labelSelectorSchema = textSchema.superRefine((text, context) => {
  const fault = labelSelectorFault(text);
  if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
});

/** Where the ruler finds rules in objects of Kubernetes. */
const KUBERNETES_RULE_FLAGS = {
  kubernetesRules: switchFlag(
    "ruler.kubernetes.rules",
    switchSchema,
    "Whether PrometheusRule objects of Kubernetes are followed, beside rule files.",
  ),
  kubernetesRuleNamespaces: flag(
    "ruler.kubernetes.namespaces",
    namespacesSchema,
    "",
    "Namespaces whose PrometheusRules are followed, separated by commas; empty: all.",
  ),
  kubernetesRuleSelector: flag(
    "ruler.kubernetes.rule-selector",
    labelSelectorSchema,
    "",
    "Labels of the PrometheusRules that are followed, as kubectl takes them: `team=a,tier in (x,y),!draft`.",
  ),
  kubernetesKubeconfigFile: optionalFlag(
    "ruler.kubernetes.kubeconfig-file",
    textSchema,
    "How the API server is reached; not given: by the service account of the pod that the ruler runs in.",
  ),
} as const;

/** How rules are evaluated and alerts are sent, for every process that does; upstream's names where they exist. */
export const RULER_LIMIT_FLAGS = {
  resendDelayMs: flag(
    "rules.alert.resend-delay",
    durationSchema,
    "1m",
    "How long a firing alert is not told again to the Alertmanagers.",
  ),
  maxConcurrentRules: flag(
    "rules.max-concurrent-rule-evals",
    positiveNumberSchema,
    "4",
    "Rules of one group that run at one time, with the feature concurrent-rule-eval and where none needs another.",
  ),
  maxConcurrentQueries: flag(
    "rules.max-concurrent-queries",
    positiveNumberSchema,
    "8",
    "Queries of rules that run at one time in this process.",
  ),
  watermarkWaitMs: flag(
    "rules.max-ingest-wait",
    durationSchema,
    "2s",
    "How long an evaluation waits for samples that are published and not stored yet; 0s: it does not wait.",
  ),
  publishAlerts: onByDefault(
    "rules.publish-alerts",
    "Whether alerts go to Monotreme's own alertmanager, beside those of `alerting.alertmanagers`.",
  ),
  leaseTtlMs: flag(
    "rules.lease-ttl",
    durationSchema.refine((ttlMs) => ttlMs >= 1000, "expected at least 1s"),
    "4s",
    "After this long without a sign of life the groups of a ruler go to the others.",
  ),
  notificationQueueCapacity: flag(
    "alertmanager.notification-queue-capacity",
    positiveNumberSchema,
    "10000",
    "Alerts that wait for one Alertmanager of `alerting.alertmanagers`; above it the oldest are dropped.",
  ),
  notificationBatchSize: flag(
    "alertmanager.notification-batch-size",
    positiveNumberSchema,
    "256",
    "Alerts of one request to an Alertmanager.",
  ),
  drainNotifications: onByDefault(
    "alertmanager.drain-notification-queue-on-shutdown",
    "Whether alerts that wait for an Alertmanager are sent before the process ends.",
  ),
  ...KUBERNETES_RULE_FLAGS,
} as const;

/** Flags of the ruler as a process of its own. */
export const RULER_FLAGS = {
  ...RULER_LIMIT_FLAGS,
  ...NATS_FLAGS,
  ...STREAM_FLAGS,
  ...CLICKHOUSE_FLAGS,
  ...WEB_LOCATION_FLAGS,
  listenAddress: listenAddressFlag("127.0.0.1:9096"),
  configFile: flag("config.file", textSchema, "prometheus.yml", "Prometheus configuration file."),
  configAutoReload: switchFlag(
    "config.auto-reload",
    switchSchema,
    "Whether configuration and rule files are read again when one of them changes.",
  ),
  configAutoReloadInterval: flag(
    "config.auto-reload-interval",
    durationSchema.refine((intervalMs) => intervalMs >= 1000, "expected at least 1s"),
    "30s",
    "How often the files are looked at for changes.",
  ),
  enableLifecycle: switchFlag("web.enable-lifecycle", switchSchema, "Whether POST /-/reload is allowed."),
  lookbackMs: flag(
    "query.lookback-delta",
    positiveDurationSchema,
    "5m",
    "How far back an instant selector looks for a sample.",
  ),
  timeoutMs: flag("query.timeout", positiveDurationSchema, "2m", "A query that takes longer is stopped."),
  maxSamples: flag("query.max-samples", positiveNumberSchema, "50000000", "Samples that one query holds in memory."),
  features: flag(
    "enable-feature",
    textSchema,
    "",
    "Switches of upstream, separated by commas: concurrent-rule-eval and those of the query service.",
  ),
} as const;
