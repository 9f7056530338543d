import { Counter, type Registry, Summary } from "@monotreme/telemetry";

/** What happened to a kept object of a Kubernetes cluster. */
export type KubernetesEvent = "add" | "update" | "delete";

/** The kinds of Kubernetes objects whose events are counted, under upstream's names. */
const EVENT_ROLES = ["endpointslice", "endpoints", "node", "pod", "service", "ingress"] as const;

const REFRESHED = ["file", "http", "dns"] as const;

/** The instruments of discovery; the names are upstream's, because its dashboards and alerts read them. */
export interface DiscoveryMetrics {
  readonly refreshFailures: Counter<"mechanism">;
  readonly refreshSeconds: Summary<"mechanism">;
  readonly httpFailures: Counter;
  readonly dnsLookups: Counter;
  readonly dnsLookupFailures: Counter;
  readonly kubernetesEvents: Counter<"role" | "event">;
  readonly kubernetesFailures: Counter;
}

const created = new WeakMap<Registry, DiscoveryMetrics>();

/** The instruments in a registry; all who ask with the same registry share them, as scraper and ruler of one process. */
export function discoveryMetrics(registry: Registry): DiscoveryMetrics {
  const known = created.get(registry);
  if (known !== undefined) return known;
  const metrics = createDiscoveryMetrics(registry);
  created.set(registry, metrics);
  return metrics;
}

function createDiscoveryMetrics(registry: Registry): DiscoveryMetrics {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const metrics = {
    refreshFailures: new Counter({
      name: "prometheus_sd_refresh_failures_total",
      help: "Failed refreshes, by kind of discovery.",
      labelNames: ["mechanism"],
      registers,
    }),
    refreshSeconds: new Summary({
      name: "prometheus_sd_refresh_duration_seconds",
      help: "Time of a refresh, by kind of discovery.",
      labelNames: ["mechanism"],
      percentiles: [0.5, 0.9, 0.99],
      maxAgeSeconds: 600,
      ageBuckets: 5,
      registers,
    }),
    httpFailures: counter("prometheus_sd_http_failures_total", "Failed refreshes of http_sd_configs."),
    dnsLookups: counter("prometheus_sd_dns_lookups_total", "Names looked up for dns_sd_configs."),
    dnsLookupFailures: counter(
      "prometheus_sd_dns_lookup_failures_total",
      "Names of dns_sd_configs that no server answered for.",
    ),
    kubernetesEvents: new Counter({
      name: "prometheus_sd_kubernetes_events_total",
      help: "Objects of Kubernetes that came, changed or went, by role and event.",
      labelNames: ["role", "event"],
      registers,
    }),
    kubernetesFailures: counter(
      "prometheus_sd_kubernetes_failures_total",
      "Failed lists and watches of the Kubernetes API.",
    ),
  };
  for (const mechanism of REFRESHED) metrics.refreshFailures.inc({ mechanism }, 0);
  for (const role of EVENT_ROLES) {
    for (const event of ["add", "update", "delete"]) metrics.kubernetesEvents.inc({ role, event }, 0);
  }
  return metrics;
}
