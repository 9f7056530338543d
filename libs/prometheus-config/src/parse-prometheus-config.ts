import { validateRelabelConfig } from "@monotreme/relabel";
import { alertingConfigFromSection } from "./alerting-config.ts";
import { ConfigFileError } from "./config-file-error.ts";
import { deepFreeze } from "./deep-freeze.ts";
import { expandEnvironment } from "./expand-environment.ts";
import type { GlobalConfig, PrometheusConfig } from "./prometheus-config.ts";
import { renderConfigFile } from "./render-config.ts";
import { scrapeConfigFromSection } from "./scrape-config.ts";
import { carriedKinds } from "./sections/discovery-section.ts";
import { EMPTY_GLOBAL, type FileSection, fileSection, scrapeFileSection } from "./sections/file-section.ts";
import { completeGlobal, type GlobalSection } from "./sections/global-section.ts";
import { completeScrape, type ScrapeSection } from "./sections/scrape-section.ts";
import { ConfigDocument } from "./yaml/config-document.ts";
import type { ConfigNode } from "./yaml/config-node.ts";
import type { Located } from "./yaml/schema.ts";

/** The text of one file, under the name that messages give it. */
export interface ConfigText {
  readonly fileName: string;
  /** Where relative paths in it start. */
  readonly folder: string;
  readonly text: string;
}

export interface ParseConfigOptions {
  /** Values for `$NAME` in external labels. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The files that `scrape_config_files` names, already read. */
  readonly scrapeFiles?: readonly ConfigText[];
}

/**
 * Parses `prometheus.yml`; pure. Throws {@link ConfigFileError} with every fault of the file and of its scrape config
 * files at once.
 */
export function parsePrometheusConfig(main: ConfigText, options: ParseConfigOptions): PrometheusConfig {
  const document = new ConfigDocument(main.text, main);
  const scrapeDocuments = (options.scrapeFiles ?? []).map((file) => new ConfigDocument(file.text, file));
  const documents = [document, ...scrapeDocuments];

  // A file whose YAML is broken gives no reliable nodes: its syntax faults are all that is said of it.
  const file = document.faultCount === 0 ? fileSection.decode(document.root) : undefined;
  const scrapes: Located<ScrapeSection>[] = [...(file?.scrape_configs ?? [])];
  for (const scrapeDocument of scrapeDocuments) {
    if (scrapeDocument.faultCount > 0) continue;
    scrapes.push(...(scrapeFileSection.decode(scrapeDocument.root)?.scrape_configs ?? []));
  }
  if (file === undefined) throw new ConfigFileError(documents.flatMap(({ faults }) => faults));

  const global = completeGlobal(file.global ?? EMPTY_GLOBAL, (value) =>
    expandEnvironment(value, options.environment, (name) =>
      document.root.warn(`external_labels: environment variable ${name} is not set and counts as empty`),
    ),
  );
  const completed = completeScrapes(scrapes, global);
  warnOfUnsupported(file);
  const ownScrapes = completed.filter(({ node }) => node.document === document);
  const faults = documents.flatMap((each) => each.faults);
  if (faults.length > 0) throw new ConfigFileError(faults);
  return deepFreeze({
    global: globalFromSection(global),
    scrapeConfigs: completed.map(({ value }) => scrapeConfigFromSection(value)),
    ruleFiles: file.rule_files?.value ?? [],
    alerting: alertingConfigFromSection(file.alerting?.value),
    warnings: documents.flatMap((each) => each.warnings),
    // As upstream, only the main file's own jobs: the file's text alone must say the same again.
    renderConfig: () => renderConfigFile({ ...file, global, scrape_configs: ownScrapes }),
  });
}

/** The absolute patterns of further files that a main file asks for; empty where it cannot be read that far. */
export function scrapeFilePatterns(main: ConfigText): readonly string[] {
  const document = new ConfigDocument(main.text, main);
  return (document.faultCount === 0 ? fileSection.decode(document.root)?.scrape_config_files : undefined) ?? [];
}

function completeScrapes(
  scrapes: readonly Located<ScrapeSection>[],
  global: GlobalSection,
): readonly Located<ScrapeSection>[] {
  const jobNames = new Set<string>();
  return scrapes.map(({ value, node }) => {
    const job = JSON.stringify(value.job_name);
    if (jobNames.has(value.job_name)) node.fault(`found multiple scrape configs with job name ${job}`);
    jobNames.add(value.job_name);
    const scrape = completeScrape(value, global);
    if ((value.scrape_timeout ?? 0) > (scrape.scrape_interval ?? 0)) {
      node.fault(`scrape timeout greater than scrape interval for scrape config with job name ${job}`);
    }
    checkNameScheme(scrape, node);
    for (const kind of carriedKinds(scrape)) {
      node.warn(`job ${job}: ${kind}_sd_configs is not supported yet and ignored`);
    }
    warnOfFormat(scrape, node);
    return { value: scrape, node };
  });
}

/** Fields that ask for what the scraper does not do yet. */
function warnOfFormat(scrape: ScrapeSection, node: ConfigNode): void {
  const job = JSON.stringify(scrape.job_name);
  for (const name of ["scrape_native_histograms", "convert_classic_histograms_to_nhcb"] as const) {
    if (scrape[name] === true) node.warn(`job ${job}: ${name} is not supported yet and ignored`);
  }
  if (scrape.scrape_failure_log_file !== undefined) {
    node.warn(`job ${job}: scrape_failure_log_file is not supported yet and ignored`);
  }
  const usesProto = scrape.scrape_protocols?.includes("PrometheusProto") === true;
  if (usesProto || scrape.fallback_scrape_protocol === "PrometheusProto") {
    node.warn(`job ${job}: scrape protocol PrometheusProto is not supported yet and ignored`);
  }
}

/** Relabelling steps were checked for UTF-8 names; the legacy scheme allows fewer. */
function checkNameScheme(scrape: ScrapeSection, node: ConfigNode): void {
  if (scrape.metric_name_validation_scheme !== "legacy") return;
  if (scrape.metric_name_escaping_scheme === "allow-utf-8") {
    node.fault("utf8 metric names requested but validation scheme is not set to utf8");
  }
  for (const step of [...scrape.relabel_configs, ...scrape.metric_relabel_configs]) {
    const fault = validateRelabelConfig(step, "legacy");
    if (fault !== undefined) node.fault(fault);
  }
}

/** Sections that are read and checked but that no service acts on yet: said out loud, never passed over. */
const UNSUPPORTED_SECTIONS = ["remote_write", "remote_read", "tracing", "storage", "otlp"] as const;

function warnOfUnsupported(file: FileSection): void {
  for (const name of UNSUPPORTED_SECTIONS) file[name]?.node.warn(`${name} is not supported yet and ignored`);
  for (const { value, node } of file.alerting?.value.alertmanagers ?? []) {
    if (value.sigv4 !== undefined) node.warn("alertmanager: sigv4 is not supported yet and ignored");
    for (const kind of carriedKinds(value)) {
      node.warn(`alertmanager: ${kind}_sd_configs is not supported yet and ignored`);
    }
  }
}

function globalFromSection(global: GlobalSection): GlobalConfig {
  return {
    scrapeIntervalMs: global.scrape_interval,
    scrapeTimeoutMs: global.scrape_timeout ?? 0,
    evaluationIntervalMs: global.evaluation_interval,
    ruleQueryOffsetMs: global.rule_query_offset,
    externalLabels: global.external_labels,
    queryLogFile: global.query_log_file,
  };
}
