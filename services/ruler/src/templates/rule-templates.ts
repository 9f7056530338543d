import { RuleTemplates } from "@monotreme/go-template";
import { parseExpression, type ParserOptions } from "@monotreme/promql";
import type { ExpandTemplate } from "../evaluation/rule-context.ts";

export interface RuleTemplateOptions {
  readonly parser: ParserOptions;
  readonly externalUrl: string;
  readonly externalLabels: () => Readonly<Record<string, string>>;
  readonly onFailure: (alertName: string, error: unknown) => void;
}

/** Expands the templates of alerting rules; of one that fails, a text that says so. */
export function createTemplateExpander(options: RuleTemplateOptions): ExpandTemplate {
  const { parser, externalUrl, externalLabels, onFailure } = options;
  const templates = new RuleTemplates(externalUrl);
  return async ({ alertName, text, labels, value, atMs, query }) =>
    templates.expand(
      {
        name: templateName(alertName),
        text,
        labels: labels.toObject(),
        externalLabels: externalLabels(),
        value,
        nowMs: atMs,
        query: async (expr) => {
          const vector = await query({ expression: parseExpression(expr, parser), text: expr }, atMs);
          return vector.map((sample) => ({ labels: sample.labels.toObject(), value: sample.value }));
        },
      },
      (error) => onFailure(alertName, error),
    );
}

/** Throws where a label or annotation of that alert is no template. */
export function createTemplateCheck(): (alertName: string, text: string) => void {
  const templates = new RuleTemplates("");
  return (alertName, text) => {
    if (text.includes("{{")) templates.check(templateName(alertName), text);
  };
}

function templateName(alertName: string): string {
  return `__alert_${alertName}`;
}
