import { access, constants, readFile } from "node:fs/promises";
import { parseTargetFile } from "@monotreme/discovery";
import { messageOf } from "@monotreme/errors";
import {
  type DiscoveryConfig,
  expandFilePattern,
  type HttpClientConfig,
  isMissing,
  loadPrometheusConfig,
  type PrometheusConfig,
} from "@monotreme/prometheus-config";
import { checkRules } from "./check-files.ts";
import { brokenFile, counted, type FileReport } from "./file-report.ts";

export interface CheckPrometheusOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of rules, as `--enable-feature` gives them. */
  readonly features: string;
}

/**
 * A `prometheus.yml` with its scrape config files, then every rule file that it names. Files of targets, passwords and
 * certificates count as part of it: one that is broken is a fault, one of targets that is missing a warning.
 */
export async function checkPrometheus(path: string, options: CheckPrometheusOptions): Promise<readonly FileReport[]> {
  let config: PrometheusConfig;
  try {
    config = await loadPrometheusConfig(path, options.environment);
  } catch (error) {
    return [brokenFile(path, error)];
  }
  const rules = await pathsOf(config.ruleFiles);
  const targets = await checkTargetFiles(config);
  const faults = [...rules.faults, ...targets.faults, ...(await missingFiles(config))];
  const own: FileReport = {
    path,
    found: [
      counted(config.scrapeConfigs.length, "scrape config"),
      counted(rules.paths.length, "rule file"),
      counted(targets.files, "file of targets", "files of targets"),
    ],
    warnings: [...config.warnings, ...targets.warnings],
    faults: faults.map((fault) => `${path}: ${fault}`),
  };
  const reports = rules.paths.map(async (file) => checkRules(file, options.features));
  return [own, ...(await Promise.all(reports))];
}

interface FoundPaths {
  readonly paths: readonly string[];
  readonly faults: readonly string[];
}

async function pathsOf(patterns: readonly string[]): Promise<FoundPaths> {
  const paths = new Set<string>();
  const faults: string[] = [];
  for (const pattern of patterns) {
    try {
      for (const path of await expandFilePattern(pattern)) paths.add(path);
    } catch (error) {
      faults.push(`${pattern}: ${messageOf(error)}`);
    }
  }
  return { paths: [...paths], faults };
}

interface CheckedTargets {
  readonly files: number;
  readonly warnings: readonly string[];
  readonly faults: readonly string[];
}

async function checkTargetFiles(config: PrometheusConfig): Promise<CheckedTargets> {
  const [warnings, faults]: [string[], string[]] = [[], []];
  let files = 0;
  for (const { owner, discovery } of discoveries(config)) {
    if (discovery.kind !== "file") continue;
    for (const pattern of discovery.patterns) {
      const found = await pathsOf([pattern]);
      faults.push(...found.faults);
      if (found.paths.length === 0) warnings.push(`${owner}: no file of targets matches ${pattern} (yet)`);
      for (const path of found.paths) {
        try {
          parseTargetFile(path, await readFile(path, "utf8"));
          files++;
        } catch (error) {
          if (isMissing(error)) warnings.push(`${owner}: the file of targets ${path} is not there (yet)`);
          else faults.push(`${owner}: ${messageOf(error)}`);
        }
      }
    }
  }
  return { files, warnings, faults };
}

/** Passwords, tokens, certificates and keys that cannot be read. */
async function missingFiles(config: PrometheusConfig): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { owner, http } of clients(config)) {
    for (const path of filesOf(http)) {
      try {
        await access(path, constants.R_OK);
      } catch (error) {
        faults.push(`${owner}: ${path}: ${isMissing(error) ? "no such file" : messageOf(error)}`);
      }
    }
  }
  return faults;
}

function discoveries(config: PrometheusConfig): { readonly owner: string; readonly discovery: DiscoveryConfig }[] {
  const scraped = config.scrapeConfigs.flatMap(({ jobName, discovery }) =>
    discovery.map((one) => ({ owner: `job ${JSON.stringify(jobName)}`, discovery: one })),
  );
  const told = config.alerting.alertmanagers.flatMap(({ discovery }) =>
    discovery.map((one) => ({ owner: "alerting", discovery: one })),
  );
  return [...scraped, ...told];
}

function clients(config: PrometheusConfig): { readonly owner: string; readonly http: HttpClientConfig }[] {
  const found = discoveries(config).flatMap(({ owner, discovery }) =>
    discovery.kind === "http" || discovery.kind === "kubernetes" ? [{ owner, http: discovery.http }] : [],
  );
  const scraped = config.scrapeConfigs.map(({ jobName, http }) => ({ owner: `job ${JSON.stringify(jobName)}`, http }));
  const told = config.alerting.alertmanagers.map(({ http }) => ({ owner: "alerting", http }));
  return [...scraped, ...told, ...found];
}

function filesOf({ basicAuth, authorization, oauth2, tls, headers }: HttpClientConfig): readonly string[] {
  const files = [
    basicAuth?.usernameFile,
    basicAuth?.passwordFile,
    authorization?.credentialsFile,
    oauth2?.clientSecretFile,
    ...[tls, oauth2?.tls].flatMap((one) => [one?.caFile, one?.certFile, one?.keyFile]),
    ...Object.values(headers).flatMap((header) => header.files),
  ];
  return [...new Set(files.flatMap((file) => (file === undefined || file === "" ? [] : [file])))];
}
