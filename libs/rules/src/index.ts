export {
  duplicateRules,
  parseRuleData,
  parseRuleFile,
  parseRuleGroup,
  type ParseRulesOptions,
  type RuleData,
  type RuleText,
} from "./parse-rule-file.ts";
export { plainRuleGroup, printRuleGroup, printRuleNamespaces } from "./print-rule-group.ts";
export { ruleDependencies } from "./rule-dependencies.ts";
export { RuleFileError } from "./rule-file-error.ts";
export {
  type AlertingRuleConfig,
  labelsOfRule,
  type RecordingRuleConfig,
  type RuleConfig,
  type RuleGroupConfig,
} from "./rule-group.ts";
