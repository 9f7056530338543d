import { createHash } from "node:crypto";
import { stringify } from "yaml";
import { discoveryFromSection } from "./discovery-config.ts";
import { httpClientFromSection } from "./http-client-config.ts";
import type { ScrapeConfig } from "./prometheus-config.ts";
import { NO_DISCOVERY } from "./sections/discovery-section.ts";
import { type ScrapeSection, scrapeSection } from "./sections/scrape-section.ts";

/** The typed form of a scrape config that has inherited everything. */
export function scrapeConfigFromSection(section: ScrapeSection): ScrapeConfig {
  return {
    jobName: section.job_name,
    fingerprint: fingerprintOf(section),
    honorLabels: section.honor_labels,
    honorTimestamps: section.honor_timestamps,
    trackTimestampsStaleness: section.track_timestamps_staleness,
    params: section.params,
    scrapeIntervalMs: section.scrape_interval ?? 0,
    scrapeTimeoutMs: section.scrape_timeout ?? 0,
    scrapeProtocols: section.scrape_protocols ?? [],
    fallbackScrapeProtocol: section.fallback_scrape_protocol,
    metricsPath: section.metrics_path,
    scheme: section.scheme,
    enableCompression: section.enable_compression,
    scrapeNativeHistograms: section.scrape_native_histograms ?? false,
    alwaysScrapeClassicHistograms: section.always_scrape_classic_histograms ?? false,
    convertClassicHistogramsToNhcb: section.convert_classic_histograms_to_nhcb ?? false,
    nativeHistogramBucketLimit: section.native_histogram_bucket_limit,
    nativeHistogramMinBucketFactor: section.native_histogram_min_bucket_factor,
    extraScrapeMetrics: section.extra_scrape_metrics ?? false,
    scrapeFailureLogFile: section.scrape_failure_log_file,
    bodySizeLimitBytes: section.body_size_limit,
    sampleLimit: section.sample_limit,
    targetLimit: section.target_limit,
    labelLimit: section.label_limit,
    labelNameLengthLimit: section.label_name_length_limit,
    labelValueLengthLimit: section.label_value_length_limit,
    keepDroppedTargets: section.keep_dropped_targets,
    metricNameValidationScheme: section.metric_name_validation_scheme ?? "utf8",
    metricNameEscapingScheme: section.metric_name_escaping_scheme ?? "allow-utf-8",
    http: httpClientFromSection(section),
    discovery: discoveryFromSection(section),
    relabelConfigs: section.relabel_configs,
    metricRelabelConfigs: section.metric_relabel_configs,
    renderConfig: () => stringify(scrapeSection.render(section, "masked"), { lineWidth: 0, indentSeq: false }),
  };
}

/** Of everything but where targets come from: finding others changes nothing for those that stay. */
function fingerprintOf(section: ScrapeSection): string {
  const withoutDiscovery = { ...section, ...NO_DISCOVERY };
  return createHash("sha256")
    .update(JSON.stringify(scrapeSection.render(withoutDiscovery, "revealed")))
    .digest("hex");
}
