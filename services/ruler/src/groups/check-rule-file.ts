import { duplicateRules, parseRuleFile, type ParseRulesOptions } from "@monotreme/rules";
import { languageFromFeatures } from "../evaluation/language.ts";
import { createTemplateCheck } from "../templates/rule-templates.ts";
import { readRuleText } from "./file-groups.ts";

/** What there is in a rule file. */
export interface CheckedRuleFile {
  readonly groups: number;
  readonly rules: number;
  /** What may not be meant so. */
  readonly warnings: readonly string[];
}

/** How rule files are read with these features. */
export function ruleReading(features: string): ParseRulesOptions {
  return { parser: languageFromFeatures(features).parser, checkTemplate: createTemplateCheck() };
}

/** Reads one rule file as a ruler with these features does; throws `RULE_FILE_INVALID` with every fault. */
export async function checkRuleFile(path: string, features: string): Promise<CheckedRuleFile> {
  const groups = parseRuleFile({ fileName: path, text: await readRuleText(path) }, ruleReading(features));
  const warnings = duplicateRules(groups).map(
    ({ name, labels }) => `${path}: rule ${name} with labels ${JSON.stringify(labels)} is there more than once`,
  );
  return { groups: groups.length, rules: groups.reduce((sum, { rules }) => sum + rules.length, 0), warnings };
}
