import { isLegacyLabelName } from "@monotreme/model";
import { messageOf } from "@monotreme/errors";
import { RE2JS } from "re2js";
import { compileRelabelRegex } from "./relabel-regex.ts";

/** Every action a relabelling step can take, in the lower case in which configurations are kept. */
export const RELABEL_ACTIONS = [
  "replace",
  "keep",
  "drop",
  "keepequal",
  "dropequal",
  "hashmod",
  "labelmap",
  "labeldrop",
  "labelkeep",
  "lowercase",
  "uppercase",
] as const;

export type RelabelAction = (typeof RELABEL_ACTIONS)[number];

/** Which label names are allowed: any UTF-8 text, or only `[a-zA-Z_][a-zA-Z0-9_]*`. */
export type NameValidationScheme = "utf8" | "legacy";

/** One step of relabelling, as in Prometheus' `relabel_configs`, with every default filled in. */
export interface RelabelConfig {
  readonly sourceLabels: readonly string[];
  readonly separator: string;
  readonly regex: string;
  readonly modulus: number;
  readonly targetLabel: string;
  readonly replacement: string;
  readonly action: RelabelAction;
}

/** What a step that sets nothing means: copy nothing to nowhere; every field's default in Prometheus. */
export const DEFAULT_RELABEL_CONFIG: RelabelConfig = {
  sourceLabels: [],
  separator: ";",
  regex: "(.*)",
  modulus: 0,
  targetLabel: "",
  replacement: "$1",
  action: "replace",
};

/** A legacy label name in which parts may be template variables, such as `node_${1}`. */
const LEGACY_TEMPLATE = RE2JS.compile("^(?:[a-zA-Z_]|\\$(?:\\{\\w+\\}|\\w+))(?:\\w|\\$(?:\\{\\w+\\}|\\w+))*$");

const NEEDS_TARGET: ReadonlySet<RelabelAction> = new Set([
  "replace",
  "keepequal",
  "dropequal",
  "hashmod",
  "lowercase",
  "uppercase",
]);

/** What is wrong with a step by Prometheus' rules, as one plain sentence part, or undefined where it is valid. */
export function validateRelabelConfig(
  config: RelabelConfig,
  scheme: NameValidationScheme = "utf8",
): string | undefined {
  return (
    checkRegex(config.regex) ??
    checkModulus(config) ??
    checkTargetLabel(config, scheme) ??
    checkReplacement(config, scheme) ??
    checkForeignFields(config)
  );
}

/** Whether a text may be a label's name under the scheme. */
export function isValidLabelName(name: string, scheme: NameValidationScheme): boolean {
  return scheme === "legacy" ? isLegacyLabelName(name) : name !== "" && !/\p{Surrogate}/u.test(name);
}

function checkRegex(regex: string): string | undefined {
  try {
    compileRelabelRegex(regex);
    return undefined;
  } catch (error) {
    return `regex ${JSON.stringify(regex)} cannot be compiled: ${messageOf(error)}`;
  }
}

function checkModulus(config: RelabelConfig): string | undefined {
  if (!Number.isSafeInteger(config.modulus) || config.modulus < 0)
    return "modulus must be a whole number of at least 0";
  if (config.action === "hashmod" && config.modulus === 0) return "action hashmod needs a modulus above 0";
  return undefined;
}

function checkTargetLabel(config: RelabelConfig, scheme: NameValidationScheme): string | undefined {
  const { action, targetLabel } = config;
  if (!NEEDS_TARGET.has(action)) return undefined;
  if (targetLabel === "") return `action ${action} needs a target_label`;
  const valid =
    action === "replace" && targetLabel.includes("$")
      ? isValidNameTemplate(targetLabel, scheme)
      : isValidLabelName(targetLabel, scheme);
  return valid ? undefined : `target_label ${JSON.stringify(targetLabel)} is not a label name (action ${action})`;
}

function checkReplacement(config: RelabelConfig, scheme: NameValidationScheme): string | undefined {
  const { action, replacement } = config;
  if (action === "labelmap" && !isValidNameTemplate(replacement, scheme)) {
    return `replacement ${JSON.stringify(replacement)} is not a label name (action labelmap)`;
  }
  if ((action === "lowercase" || action === "uppercase") && replacement !== DEFAULT_RELABEL_CONFIG.replacement) {
    return `action ${action} takes no replacement`;
  }
  return undefined;
}

function checkForeignFields(config: RelabelConfig): string | undefined {
  const { action } = config;
  const isDefault = (field: "separator" | "regex" | "modulus" | "replacement" | "targetLabel"): boolean =>
    config[field] === DEFAULT_RELABEL_CONFIG[field];
  if (action === "keepequal" || action === "dropequal") {
    if (!isDefault("regex") || !isDefault("modulus") || !isDefault("separator") || !isDefault("replacement")) {
      return `action ${action} takes only source_labels and target_label`;
    }
  }
  if (action === "labeldrop" || action === "labelkeep") {
    const onlyRegex = isDefault("targetLabel") && isDefault("modulus") && isDefault("separator");
    if (!onlyRegex || !isDefault("replacement") || config.sourceLabels.length > 0) {
      return `action ${action} takes only regex`;
    }
  }
  return undefined;
}

function isValidNameTemplate(template: string, scheme: NameValidationScheme): boolean {
  return scheme === "legacy" ? LEGACY_TEMPLATE.matches(template) : isValidLabelName(template, scheme);
}
