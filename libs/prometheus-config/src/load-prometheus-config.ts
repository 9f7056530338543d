import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "@monotreme/errors";
import { ConfigFileError } from "./config-file-error.ts";
import { expandFilePattern, isMissing } from "./file-pattern.ts";
import { type ConfigText, parsePrometheusConfig, scrapeFilePatterns } from "./parse-prometheus-config.ts";
import type { PrometheusConfig } from "./prometheus-config.ts";

/**
 * Reads and parses `prometheus.yml` and the scrape config files it names. Throws {@link ConfigFileError} with every
 * fault, also where the file is missing or unreadable.
 */
export async function loadPrometheusConfig(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<PrometheusConfig> {
  const main = await readConfigText(path, "give its path with --config.file");
  const scrapePaths = (await Promise.all(scrapeFilePatterns(main).map(expandPattern))).flat();
  const scrapeFiles = await Promise.all(scrapePaths.map((file) => readConfigText(file, "see scrape_config_files")));
  return parsePrometheusConfig(main, { environment, scrapeFiles });
}

async function expandPattern(pattern: string): Promise<readonly string[]> {
  try {
    return await expandFilePattern(pattern);
  } catch (error) {
    throw new ConfigFileError([`${pattern}: cannot look for scrape config files: ${messageOf(error)}`], error);
  }
}

async function readConfigText(path: string, advice: string): Promise<ConfigText> {
  try {
    return { fileName: path, folder: dirname(path), text: await readFile(path, "utf8") };
  } catch (error) {
    const reason = isMissing(error) ? "no such file" : messageOf(error);
    throw new ConfigFileError([`${path}: cannot read the configuration file: ${reason}; ${advice}`], error);
  }
}
