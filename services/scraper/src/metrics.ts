import { Counter, Gauge, Histogram, type Registry, Summary } from "@monotreme/telemetry";
import type { ScrapeFailureReason } from "./scrape/scrape-errors.ts";

/** The scraper's instruments; names that start with `prometheus_` are upstream's, because its dashboards read them. */
export type ScraperMetrics = ReturnType<typeof createScraperMetrics>;

const FAILURE_REASONS: readonly ScrapeFailureReason[] = [
  "request",
  "timeout",
  "status",
  "content",
  "body-size",
  "sample-limit",
  "label-limit",
  "series",
];

const DROP_REASONS = ["BUS_FULL", "BUS_UNAVAILABLE", "BUS_REFUSED", "INTERNAL", "labels-lost", "stale-marker"] as const;

export function createScraperMetrics(registry: Registry) {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const jobCounter = (name: string, help: string) => new Counter({ name, help, labelNames: ["scrape_job"], registers });
  const jobGauge = (name: string, help: string) => new Gauge({ name, help, labelNames: ["scrape_job"], registers });
  const metrics = {
    ...createOwnMetrics(registry),
    poolTargets: jobGauge("prometheus_target_scrape_pool_targets", "Targets scraped, by job."),
    poolTargetLimit: jobGauge("prometheus_target_scrape_pool_target_limit", "target_limit of each job; 0 for none."),
    exceededTargetLimit: counter(
      "prometheus_target_scrape_pool_exceeded_target_limit_total",
      "Times that a job found more targets than its target_limit.",
    ),
    exceededLabelLimits: counter(
      "prometheus_target_scrape_pool_exceeded_label_limits_total",
      "Scrapes that failed because a series broke a label limit.",
    ),
    exceededSampleLimit: counter(
      "prometheus_target_scrapes_exceeded_sample_limit_total",
      "Scrapes that failed because they had more samples than sample_limit.",
    ),
    exceededBodySizeLimit: counter(
      "prometheus_target_scrapes_exceeded_body_size_limit_total",
      "Scrapes that failed because their body was above body_size_limit.",
    ),
    duplicateTimestamps: counter(
      "prometheus_target_scrapes_sample_duplicate_timestamp_total",
      "Samples dropped because their series was there already in the same scrape.",
    ),
    outOfBounds: counter(
      "prometheus_target_scrapes_sample_out_of_bounds_total",
      "Samples dropped because their timestamps lie over ten minutes ahead or over a day back.",
    ),
    intervalSeconds: new Summary({
      name: "prometheus_target_interval_length_seconds",
      help: "Time between two scrapes of a target, by the interval asked for.",
      labelNames: ["interval"],
      percentiles: [0.01, 0.05, 0.5, 0.9, 0.99],
      maxAgeSeconds: 600,
      ageBuckets: 5,
      registers,
    }),
    syncFailed: jobCounter("prometheus_target_sync_failed_total", "Discovered addresses that gave no valid target."),
    syncSeconds: new Histogram({
      name: "prometheus_target_sync_length_seconds",
      help: "Time to turn discovered addresses into targets.",
      labelNames: ["scrape_job"],
      buckets: [0.001, 0.01, 0.1, 1, 10],
      registers,
    }),
    discoveredTargets: new Gauge({
      name: "prometheus_sd_discovered_targets",
      help: "Addresses found, by job.",
      labelNames: ["name", "config"],
      registers,
    }),
    receivedUpdates: counter("prometheus_sd_received_updates_total", "Updates that discoverers gave."),
    updates: counter("prometheus_sd_updates_total", "Updates passed on to the scrape pools."),
    failedConfigs: new Gauge({
      name: "prometheus_sd_failed_configs",
      help: "Discovery configurations that cannot be acted on.",
      labelNames: ["name"],
      registers,
    }),
  };
  for (const reason of FAILURE_REASONS) metrics.scrapeFailures.inc({ reason }, 0);
  for (const reason of DROP_REASONS) metrics.samplesDropped.inc({ reason }, 0);
  for (const result of ["success", "failure"]) metrics.configReloads.inc({ result }, 0);
  metrics.failedConfigs.set({ name: "scrape" }, 0);
  return metrics;
}

function createOwnMetrics(registry: Registry) {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  return {
    scrapes: counter("monotreme_scraper_scrapes_total", "Scrapes, good and failed."),
    scrapeFailures: new Counter({
      name: "monotreme_scraper_scrape_failures_total",
      help: "Scrapes that gave no samples, by reason.",
      labelNames: ["reason"],
      registers,
    }),
    scrapeSeconds: new Histogram({
      name: "monotreme_scraper_scrape_duration_seconds",
      help: "Time from the start of a scrape until its samples are ready to publish.",
      buckets: [0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10, 30],
      registers,
    }),
    series: new Gauge({ name: "monotreme_scraper_series", help: "Series shown by all targets.", registers }),
    samplesPublished: counter("monotreme_scraper_samples_published_total", "Samples that the bus acknowledged."),
    samplesDropped: new Counter({
      name: "monotreme_scraper_samples_dropped_total",
      help: "Samples of good scrapes that did not reach the bus, by reason.",
      labelNames: ["reason"],
      registers,
    }),
    exemplarsDropped: counter(
      "monotreme_scraper_exemplars_dropped_total",
      "Exemplars left out: their labels are too long or their time is too far away.",
    ),
    publishRetries: counter("monotreme_scraper_publish_retries_total", "Batches offered to the bus once more."),
    configReloads: new Counter({
      name: "monotreme_scraper_config_reloads_total",
      help: "Reloads of the configuration file, by result.",
      labelNames: ["result"],
      registers,
    }),
    configReloadSuccessful: new Gauge({
      name: "prometheus_config_last_reload_successful",
      help: "1 where the last reload of the configuration file succeeded.",
      registers,
    }),
    configReloadTimestamp: new Gauge({
      name: "prometheus_config_last_reload_success_timestamp_seconds",
      help: "When the configuration file was last read without a fault.",
      registers,
    }),
    unsupportedDiscovery: new Gauge({
      name: "monotreme_scraper_unsupported_discovery_configs",
      help: "Discovery configurations of kinds that are not supported yet, by kind.",
      labelNames: ["mechanism"],
      registers,
    }),
  };
}
