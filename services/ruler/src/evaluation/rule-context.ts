import type { Labels, NativeHistogram } from "@monotreme/model";
import type { Expression, VectorSample } from "@monotreme/promql";

/** What a rule writes for one series at the time of its evaluation. */
export interface RuleSample {
  readonly labels: Labels;
  readonly value: number;
  readonly histogram?: NativeHistogram;
}

/** An expression with its text. */
export interface RuleExpression {
  readonly expression: Expression;
  readonly text: string;
}

/** Evaluates an expression at an instant; scalars come as one sample without labels. */
export type RuleQuery = (expression: RuleExpression, atMs: number) => Promise<readonly VectorSample[]>;

/** What one template of a rule is expanded with. */
export interface TemplateInput {
  readonly alertName: string;
  readonly text: string;
  readonly labels: Labels;
  readonly value: number;
  readonly atMs: number;
  readonly query: RuleQuery;
}

/** The text that a template gives; of a template that fails, a text that says so. */
export type ExpandTemplate = (input: TemplateInput) => Promise<string>;

/** What rules are evaluated with, at one time. */
export interface RuleContext {
  /** The time of the evaluation. */
  readonly tsMs: number;
  /** The time whose data it looks at: `tsMs` less the query offset. */
  readonly queryMs: number;
  /** Series or alerts that one rule may give; 0: any number. */
  readonly limit: number;
  readonly query: RuleQuery;
  readonly expandTemplate: ExpandTemplate;
}
