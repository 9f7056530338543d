import { resolve } from "node:path";
import { list, located, mapping, optional, type Schema, type ValueOf, withDefault } from "../yaml/schema.ts";
import { scalar } from "../yaml/scalars.ts";
import { alertingSection } from "./alerting-section.ts";
import { type GlobalSection, globalSection } from "./global-section.ts";
import { remoteReads, remoteWrites } from "./remote-section.ts";
import { scrapeSection } from "./scrape-section.ts";
import { otlpSection, runtimeSection, storageSection, tracingSection } from "./server-sections.ts";

/** A pattern of files; `*` may stand in the last part of the path only. */
const filePattern: Schema<string> = scalar({
  expected: "the path of a file, with `*` in its last part only",
  parse: (value, node) => (/^[^*]*(\*[^/]*)?$/.test(value) ? resolve(node.document.folder, value) : undefined),
});

const scrapeConfigs = withDefault(list(located(scrapeSection), "scrape configs"), []);

const fileFields = {
  global: optional(globalSection),
  runtime: optional(runtimeSection),
  alerting: optional(located(alertingSection)),
  rule_files: optional(located(list(filePattern, "rule files"))),
  scrape_config_files: withDefault(list(filePattern, "scrape config files"), []),
  scrape_configs: scrapeConfigs,
  storage: optional(located(storageSection)),
  tracing: optional(located(tracingSection)),
  remote_write: optional(located(remoteWrites)),
  remote_read: optional(located(remoteReads)),
  otlp: optional(located(otlpSection)),
};

export type FileSection = ValueOf<typeof fileFields>;

/** The whole of `prometheus.yml` as written. */
export const fileSection: Schema<FileSection> = mapping({ name: "the configuration file", fields: fileFields });

/** A file that `scrape_config_files` names. */
export const scrapeFileSection = mapping({
  name: "a scrape config file",
  fields: { scrape_configs: scrapeConfigs },
});

/** The global section of a file without one. */
export const EMPTY_GLOBAL: GlobalSection = {
  scrape_interval: 0,
  scrape_timeout: undefined,
  evaluation_interval: 0,
  rule_query_offset: 0,
  query_log_file: undefined,
  external_labels: {},
  scrape_protocols: undefined,
  scrape_native_histograms: undefined,
  always_scrape_classic_histograms: undefined,
  convert_classic_histograms_to_nhcb: undefined,
  extra_scrape_metrics: undefined,
  scrape_failure_log_file: undefined,
  body_size_limit: 0,
  sample_limit: 0,
  target_limit: 0,
  label_limit: 0,
  label_name_length_limit: 0,
  label_value_length_limit: 0,
  keep_dropped_targets: 0,
  metric_name_validation_scheme: undefined,
  metric_name_escaping_scheme: undefined,
};
