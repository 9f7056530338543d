import { messageOf } from "@monotreme/errors";
import { Labels, METRIC_NAME } from "@monotreme/model";
import { ConfigDocument, type ConfigNode, type Located, type PlainData } from "@monotreme/prometheus-config";
import { type Expression, parseExpression, type ParserOptions } from "@monotreme/promql";
import { RuleFileError } from "./rule-file-error.ts";
import type { RuleConfig, RuleGroupConfig } from "./rule-group.ts";
import { type GroupSection, groupSection, type RuleSection, ruleFileSection } from "./rule-section.ts";

export interface RuleText {
  /** How messages name the text. */
  readonly fileName: string;
  readonly text: string;
}

export interface ParseRulesOptions {
  readonly parser?: ParserOptions;
  /** Throws where a label or annotation of an alerting rule is no template; `name` is the alert's. */
  readonly checkTemplate: (name: string, text: string) => void;
}

/** What a rule file has, as data of JSON. */
export interface RuleData extends PlainData {
  /** How messages name the data. */
  readonly name: string;
}

/**
 * Reads a rule file, strictly; only its first YAML document counts, and an empty file has no groups. Throws
 * {@link RuleFileError} with every fault.
 */
export function parseRuleFile(file: RuleText, options: ParseRulesOptions): readonly RuleGroupConfig[] {
  return groupsOf(documentOf(file), options);
}

/** As {@link parseRuleFile}, of data; faults name the place in it: `name: groups[0].rules[1].expr: what is wrong`. */
export function parseRuleData({ name, data }: RuleData, options: ParseRulesOptions): readonly RuleGroupConfig[] {
  return groupsOf(new ConfigDocument({ data }, { fileName: name, folder: "." }), options);
}

function groupsOf(document: ConfigDocument, options: ParseRulesOptions): readonly RuleGroupConfig[] {
  const section = document.faultCount === 0 ? ruleFileSection.decode(document.root) : undefined;
  const names = new Set<string>();
  const groups = (section?.groups ?? []).map(({ value, node }) => {
    const name = value.name?.value ?? "";
    if (names.has(name)) node.fault(`groupname: ${JSON.stringify(name)} is repeated in the same file`);
    names.add(name);
    return groupFromSection(value, node, options);
  });
  return finish(document, groups);
}

/** Reads one rule group by itself, as the API of the ruler takes it. Throws {@link RuleFileError} with every fault. */
export function parseRuleGroup(file: RuleText, options: ParseRulesOptions): RuleGroupConfig {
  const document = documentOf(file);
  const section = document.faultCount === 0 ? groupSection.decode(document.root) : undefined;
  const groups = section === undefined ? [] : [groupFromSection(section, document.root, options)];
  const [group] = finish(document, groups);
  if (group === undefined) throw new RuleFileError([`${file.fileName}: expected a rule group`]);
  return group;
}

function documentOf({ fileName, text }: RuleText): ConfigDocument {
  return new ConfigDocument(text, { fileName, folder: ".", firstDocumentOnly: true });
}

function finish(
  document: ConfigDocument,
  groups: readonly (RuleGroupConfig | undefined)[],
): readonly RuleGroupConfig[] {
  if (document.faultCount > 0) throw new RuleFileError(document.faults);
  return groups.filter((group) => group !== undefined);
}

function groupFromSection(
  section: GroupSection,
  node: ConfigNode,
  options: ParseRulesOptions,
): RuleGroupConfig | undefined {
  const name = section.name?.value ?? "";
  if (name === "") node.fault("Groupname must not be empty");
  checkLabelNames(section.labels, `group ${JSON.stringify(name)}`);
  const rules = section.rules.map(({ value, node: ruleNode }, index) => {
    const ruleName = value.record?.value || value.alert?.value || "";
    const place = `group ${JSON.stringify(name)}, rule ${index + 1}, ${JSON.stringify(ruleName)}`;
    return ruleFromSection(value, ruleNode, place, options);
  });
  return {
    name,
    intervalMs: section.interval === 0 ? undefined : section.interval,
    queryOffsetMs: section.query_offset,
    limit: section.limit,
    labels: section.labels?.value ?? {},
    rules: rules.filter((rule) => rule !== undefined),
  };
}

/** Undefined after a fault. */
function ruleFromSection(
  section: RuleSection,
  node: ConfigNode,
  place: string,
  options: ParseRulesOptions,
): RuleConfig | undefined {
  const faultsBefore = node.document.faultCount;
  const recordName = section.record?.value ?? "";
  const alertName = section.alert?.value ?? "";
  if (recordName !== "" && alertName !== "") node.fault(`${place}: only one of 'record' and 'alert' must be set`);
  if (recordName === "" && alertName === "") node.fault(`${place}: one of 'record' or 'alert' must be set`);
  const expression = expressionOf(section, node, place, options);
  if (recordName !== "") checkRecording(section, node, place, recordName);
  checkLabelNames(section.labels, place);
  checkAnnotationNames(section.annotations, place);
  if (alertName !== "") checkTemplates(section, place, alertName, options);
  if (node.document.faultCount > faultsBefore || expression === undefined) return undefined;
  const base = { expr: section.expr?.value ?? "", expression, labels: section.labels?.value ?? {} };
  if (recordName !== "") return { kind: "recording", name: recordName, ...base };
  const annotations = section.annotations?.value ?? {};
  const { for: forMs, keep_firing_for: keepFiringForMs } = section;
  return { kind: "alerting", name: alertName, ...base, forMs, keepFiringForMs, annotations };
}

function expressionOf(
  { expr }: RuleSection,
  node: ConfigNode,
  place: string,
  { parser }: ParseRulesOptions,
): Expression | undefined {
  if (expr === undefined || expr.value === "") {
    node.fault(`${place}: field 'expr' must be set in rule`);
    return undefined;
  }
  try {
    return parseExpression(expr.value, parser);
  } catch (error) {
    expr.node.fault(`${place}: could not parse expression: ${messageOf(error)}`);
    return undefined;
  }
}

function checkRecording(section: RuleSection, node: ConfigNode, place: string, name: string): void {
  const invalid = (field: string): void => node.fault(`${place}: invalid field '${field}' in recording rule`);
  if (Object.keys(section.annotations?.value ?? {}).length > 0) invalid("annotations");
  if (section.for !== 0) invalid("for");
  if (section.keep_firing_for !== 0) invalid("keep_firing_for");
  if (/[{}]/.test(name)) {
    section.record?.node.fault(`${place}: braces present in the recording rule name; should it be in expr?: ${name}`);
  }
}

function checkLabelNames(labels: Located<Readonly<Record<string, string>>> | undefined, place: string): void {
  for (const name of Object.keys(labels?.value ?? {})) {
    if (name === "" || name === METRIC_NAME) labels?.node.fault(`${place}: invalid label name: ${name}`);
  }
}

function checkAnnotationNames(annotations: Located<Readonly<Record<string, string>>> | undefined, place: string): void {
  if (annotations !== undefined && "" in annotations.value)
    annotations.node.fault(`${place}: invalid annotation name: `);
}

function checkTemplates(section: RuleSection, place: string, alert: string, options: ParseRulesOptions): void {
  for (const [kind, texts] of [["label", section.labels] as const, ["annotation", section.annotations] as const]) {
    for (const [name, text] of Object.entries(texts?.value ?? {})) {
      try {
        options.checkTemplate(alert, text);
      } catch (error) {
        texts?.node.fault(`${place}: ${kind} ${JSON.stringify(name)}: ${messageOf(error)}`);
      }
    }
  }
}

/** Rules that give the same series or alerts as one before them: the same name and the same labels of their own. */
export function duplicateRules(
  groups: readonly RuleGroupConfig[],
): readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[] {
  const known = new Set<string>();
  return groups.flatMap((group) =>
    group.rules.filter(({ name, labels }) => {
      const key = JSON.stringify([name, Labels.fromObject({ ...labels }).key]);
      if (known.has(key)) return true;
      known.add(key);
      return false;
    }),
  );
}
