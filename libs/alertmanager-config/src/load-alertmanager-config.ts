import { messageOf } from "@monotreme/errors";
import { ConfigFileError, type ConfigText, isMissing } from "@monotreme/prometheus-config";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { AlertmanagerConfig } from "./alertmanager-config.ts";
import type { MatcherMode } from "./matchers/matcher-parser.ts";
import { parseAlertmanagerConfig } from "./parse-alertmanager-config.ts";

/** What reading needs beside the file's path. */
export interface LoadAlertmanagerConfigOptions {
  /** How matchers are read; `fallback` unless given. */
  readonly matcherMode?: MatcherMode;
  /** The path of the ntfy side file; without one every ntfy entry has its defaults. */
  readonly ntfyPath?: string | undefined;
}

/**
 * Reads and parses `alertmanager.yml` and the ntfy side file. Throws `ConfigFileError` with every fault, also where a
 * file is missing or unreadable.
 */
export async function loadAlertmanagerConfig(
  path: string,
  options: LoadAlertmanagerConfigOptions = {},
): Promise<AlertmanagerConfig> {
  const main = await readConfigText(path, "--config.file");
  const { ntfyPath, matcherMode = "fallback" } = options;
  if (ntfyPath === undefined || ntfyPath === "") return parseAlertmanagerConfig(main, { matcherMode });
  const ntfy = await readConfigText(ntfyPath, "--ntfy.config.file");
  return parseAlertmanagerConfig(main, { matcherMode, ntfy });
}

async function readConfigText(path: string, flag: string): Promise<ConfigText> {
  try {
    return { fileName: path, folder: dirname(path), text: await readFile(path, "utf8") };
  } catch (error) {
    const reason = isMissing(error) ? "no such file" : messageOf(error);
    throw new ConfigFileError([`${path}: cannot read the configuration file: ${reason}; see ${flag}`], error);
  }
}
