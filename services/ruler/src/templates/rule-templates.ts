import { checkRuleTemplate, expandRuleTemplate } from "@monotreme/go-template";
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
  return async ({ alertName, text, labels, value, atMs, query }) =>
    expandRuleTemplate(
      {
        name: templateName(alertName),
        text,
        labels: labels.toObject(),
        externalLabels: externalLabels(),
        externalUrl,
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
export function checkTemplate(alertName: string, text: string): void {
  checkRuleTemplate(templateName(alertName), text);
}

function templateName(alertName: string): string {
  return `__alert_${alertName}`;
}
