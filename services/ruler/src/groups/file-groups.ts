import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { DEFAULT_TENANT } from "@monotreme/contracts";
import { messageOf } from "@monotreme/errors";
import { expandFilePattern, type PrometheusConfig } from "@monotreme/prometheus-config";
import {
  duplicateRules,
  parseRuleFile,
  type ParseRulesOptions,
  type RuleGroupConfig,
  RuleFileError,
} from "@monotreme/rules";
import type { GroupDefinition } from "../evaluation/group-definition.ts";

/** What groups inherit. */
export type GroupDefaults = Pick<PrometheusConfig["global"], "evaluationIntervalMs" | "ruleQueryOffsetMs">;

export interface FileGroups {
  readonly definitions: readonly GroupDefinition[];
  /** What may not be meant so. */
  readonly warnings: readonly string[];
}

/**
 * Reads all rule files of a configuration. Throws `RULE_FILE_INVALID` with the faults of every file, so that none of
 * them is taken while one is broken.
 */
export async function readFileGroups(config: PrometheusConfig, options: ParseRulesOptions): Promise<FileGroups> {
  const definitions: GroupDefinition[] = [];
  const warnings: string[] = [];
  const faults: string[] = [];
  for (const path of await pathsOf(config.ruleFiles)) {
    try {
      const groups = parseRuleFile({ fileName: path, text: await readRuleText(path) }, options);
      for (const { name, labels } of duplicateRules(groups)) {
        warnings.push(`${path}: rule ${name} with labels ${JSON.stringify(labels)} is there more than once`);
      }
      const place = { tenant: DEFAULT_TENANT, origin: "file", file: path } as const;
      definitions.push(...groups.map((group) => defineGroup(place, group, config.global)));
    } catch (error) {
      if (!(error instanceof RuleFileError)) throw error;
      faults.push(...error.faults);
    }
  }
  if (faults.length > 0) throw new RuleFileError(faults);
  return { definitions, warnings };
}

/** A group with what it inherits. */
export function defineGroup(
  place: Pick<GroupDefinition, "tenant" | "origin" | "file">,
  config: RuleGroupConfig,
  defaults: GroupDefaults,
): GroupDefinition {
  return {
    ...place,
    config,
    intervalMs: config.intervalMs ?? defaults.evaluationIntervalMs,
    queryOffsetMs: config.queryOffsetMs ?? defaults.ruleQueryOffsetMs,
  };
}

/** Each file once, also where several patterns match it. */
async function pathsOf(patterns: readonly string[]): Promise<readonly string[]> {
  const paths = new Set<string>();
  for (const pattern of patterns) {
    try {
      for (const path of await expandFilePattern(pattern)) paths.add(path);
    } catch (error) {
      throw new RuleFileError([`${pattern}: cannot look for rule files: ${messageOf(error)}`], error);
    }
  }
  return [...paths];
}

/** The text of a rule file; throws `RULE_FILE_INVALID` where it cannot be read. */
export async function readRuleText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new RuleFileError([`${path}: cannot read the rule file: ${messageOf(error)}`], error);
  }
}

/** Equal as long as no rule file changes, comes or goes; what cannot be read counts as absent. */
export async function ruleFilesFingerprint(patterns: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const pattern of patterns) {
    for (const path of await expandFilePattern(pattern).catch(() => [])) {
      hash.update(JSON.stringify([path, await readFile(path, "utf8").catch(() => null)]));
    }
  }
  return hash.digest("hex");
}
