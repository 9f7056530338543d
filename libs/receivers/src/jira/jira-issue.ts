import type { JiraConfig } from "@monotreme/alertmanager-config";

import type { GoJsonValue } from "../delivery/go-json.ts";
import { expandFreeValue } from "../templates/expand-free-value.ts";
import type { MessageExpander } from "../templates/message-expander.ts";
import { truncateRunes } from "../truncate-text.ts";

const MAX_SUMMARY_RUNES = 255;
const MAX_DESCRIPTION_RUNES = 32_767;

/** What is known of the issue before it is composed. */
export interface IssueContext {
  readonly project: string;
  readonly label: string;
  /** The issue exists: fields that are not to be written again are left out. */
  readonly isUpdate: boolean;
}

/** The label by which a group's issue is found again. */
export function issueLabel(groupKeyHash: string): string {
  return `ALERT{${groupKeyHash}}`;
}

/** The body that creates or changes an issue; configured `fields` go over the others. */
export function composeIssue(config: JiraConfig, context: IssueContext, expander: MessageExpander): GoJsonValue {
  const fields = new Map<string, GoJsonValue>([
    ["project", { key: context.project }],
    ["issuetype", { name: expander.required("issue_type", config.issueType) }],
  ]);
  const isWritten = (field: { readonly enableUpdate: boolean }): boolean => !context.isUpdate || field.enableUpdate;
  const labels = config.labels.values.map((label, index) => expander.value(`labels[${index}]`, label));
  if (isWritten(config.labels)) fields.set("labels", [...labels, context.label].toSorted());
  const priority = expander.value("priority", config.priority);
  if (priority !== "") fields.set("priority", { name: priority });
  for (const [name, value] of Object.entries(config.fields)) fields.set(name, expandFreeValue(name, value, expander));
  // The texts come last, because they also tell which other templates failed.
  if (isWritten(config.summary) && !Object.hasOwn(config.fields, "summary")) {
    fields.set("summary", truncateRunes(oneLine(expander.line("summary", config.summary.template)), MAX_SUMMARY_RUNES));
  }
  if (isWritten(config.description) && !Object.hasOwn(config.fields, "description")) {
    const description = composeDescription(config, expander);
    if (description !== undefined) fields.set("description", description);
  }
  return { fields };
}

/** Version 3 takes a document as JSON; a text that is none becomes a document of one paragraph. */
function composeDescription(config: JiraConfig, expander: MessageExpander): GoJsonValue | undefined {
  const isDocument = /\/3\/*$/.test(config.apiUrl);
  const template = expander.text("description", config.description.template);
  const text = truncateRunes(isDocument ? template.trim() : expander.withProblems(template), MAX_DESCRIPTION_RUNES);
  if (text === "") return undefined;
  return isDocument ? (parseDocument(text) ?? documentOf(text)) : text;
}

function parseDocument(text: string): GoJsonValue | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? jsonValueOf(value) : undefined;
  } catch {
    return undefined;
  }
}

/** Members keep the order that the template gave them. */
function jsonValueOf(value: unknown): GoJsonValue {
  if (Array.isArray(value)) return value.map(jsonValueOf);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonValueOf(member)]));
  }
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return null;
}

function documentOf(text: string): GoJsonValue {
  const content = text
    .split(/\n{2,}/)
    .filter((paragraph) => paragraph.trim() !== "")
    .map((paragraph) => ({ type: "paragraph", content: [{ type: "text", text: paragraph }] }));
  return { type: "doc", version: 1, content };
}

/** Jira refuses a summary of several lines. */
function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ");
}
