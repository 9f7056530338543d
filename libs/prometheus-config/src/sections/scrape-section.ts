import { SCRAPE_PROTOCOLS } from "@monotreme/exposition";
import {
  type Fields,
  list,
  mapping,
  optional,
  record,
  required,
  type Schema,
  shownDefault,
  type ValueOf,
  withDefault,
} from "../yaml/schema.ts";
import { boolean, count, decimal, duration, oneOf, text } from "../yaml/scalars.ts";
import { discoveryFields, staticTargetWithPath } from "./discovery-section.ts";
import { formatFields, scrapeProtocol } from "./format-fields.ts";
import type { GlobalSection } from "./global-section.ts";
import { checkHttpClient, httpClientFields } from "./http-client-section.ts";
import { relabelConfigs } from "./relabel-section.ts";

const scrapeFields = {
  job_name: required(text),
  honor_labels: withDefault(boolean, false),
  honor_timestamps: shownDefault(boolean, true),
  track_timestamps_staleness: shownDefault(boolean, false),
  params: withDefault(record(list(text, "parameter values"), "lists of parameter values"), {}),
  scrape_interval: optional(duration),
  scrape_timeout: optional(duration),
  fallback_scrape_protocol: optional(scrapeProtocol),
  metrics_path: shownDefault(text, "/metrics"),
  scheme: shownDefault(oneOf(["http", "https"]), "http"),
  enable_compression: shownDefault(boolean, true),
  native_histogram_bucket_limit: withDefault(count, 0),
  native_histogram_min_bucket_factor: withDefault(decimal, 0),
  ...formatFields,
  ...httpClientFields,
  ...discoveryFields,
  relabel_configs: withDefault(relabelConfigs, []),
  metric_relabel_configs: withDefault(relabelConfigs, []),
} satisfies Fields;

export type ScrapeSection = ValueOf<typeof scrapeFields>;

/** One entry of `scrape_configs` as the file has it; {@link completeScrape} makes it inherit from `global`. */
export const scrapeSection: Schema<ScrapeSection> = mapping({
  name: "scrape_config",
  fields: scrapeFields,
  check: (scrape, at) => {
    if (scrape.job_name === "") at("job_name").fault("job_name is empty");
    checkHttpClient(scrape, at);
    const badTarget = scrape.relabel_configs.length === 0 ? staticTargetWithPath(scrape) : undefined;
    if (badTarget !== undefined) at("static_configs").fault(`${JSON.stringify(badTarget)} is not a valid hostname`);
  },
});

/** Scrape config and global section joined by upstream's rules: zero or absent inherits. */
export function completeScrape(scrape: ScrapeSection, global: GlobalSection): ScrapeSection {
  const intervalMs = scrape.scrape_interval || global.scrape_interval;
  const validation = scrape.metric_name_validation_scheme ?? global.metric_name_validation_scheme ?? "utf8";
  const nativeHistograms = scrape.scrape_native_histograms ?? global.scrape_native_histograms ?? false;
  return {
    ...scrape,
    scrape_interval: intervalMs,
    scrape_timeout: scrape.scrape_timeout || Math.min(global.scrape_timeout ?? intervalMs, intervalMs),
    scrape_protocols: scrape.scrape_protocols ?? global.scrape_protocols ?? defaultProtocols(nativeHistograms),
    scrape_native_histograms: nativeHistograms,
    always_scrape_classic_histograms:
      scrape.always_scrape_classic_histograms ?? global.always_scrape_classic_histograms ?? false,
    convert_classic_histograms_to_nhcb:
      scrape.convert_classic_histograms_to_nhcb ?? global.convert_classic_histograms_to_nhcb ?? false,
    extra_scrape_metrics: scrape.extra_scrape_metrics ?? global.extra_scrape_metrics ?? false,
    scrape_failure_log_file: scrape.scrape_failure_log_file ?? global.scrape_failure_log_file,
    body_size_limit: scrape.body_size_limit || global.body_size_limit,
    sample_limit: scrape.sample_limit || global.sample_limit,
    target_limit: scrape.target_limit || global.target_limit,
    label_limit: scrape.label_limit || global.label_limit,
    label_name_length_limit: scrape.label_name_length_limit || global.label_name_length_limit,
    label_value_length_limit: scrape.label_value_length_limit || global.label_value_length_limit,
    keep_dropped_targets: scrape.keep_dropped_targets || global.keep_dropped_targets,
    metric_name_validation_scheme: validation,
    metric_name_escaping_scheme: escapingScheme(scrape, global, validation),
  };
}

function defaultProtocols(nativeHistograms: boolean): NonNullable<ScrapeSection["scrape_protocols"]> {
  return nativeHistograms ? SCRAPE_PROTOCOLS : SCRAPE_PROTOCOLS.filter((protocol) => protocol !== "PrometheusProto");
}

function escapingScheme(
  scrape: ScrapeSection,
  global: GlobalSection,
  validation: "utf8" | "legacy",
): ScrapeSection["metric_name_escaping_scheme"] {
  if (scrape.metric_name_escaping_scheme !== undefined) return scrape.metric_name_escaping_scheme;
  const isInherited = scrape.metric_name_validation_scheme === undefined;
  const inherited = isInherited ? global.metric_name_escaping_scheme : undefined;
  return inherited ?? (validation === "legacy" ? "underscores" : "allow-utf-8");
}
