import { Labels, METRIC_NAME } from "@monotreme/model";
import type { RecordingRuleConfig } from "@monotreme/rules";
import type { RuleContext, RuleExpression, RuleSample } from "./rule-context.ts";
import { RuleEvaluationError } from "./rule-error.ts";

/** Stores what an expression gives under a new name. */
export class RecordingRule {
  readonly kind = "recording";
  readonly config: RecordingRuleConfig;
  readonly labels: Labels;
  readonly #expression: RuleExpression;
  /** As set, because an empty value removes a label of the series. */
  readonly #setLabels: readonly (readonly [string, string])[];

  /** `labels`: the rule's, with those of its group. */
  constructor(config: RecordingRuleConfig, labels: Readonly<Record<string, string>>) {
    this.config = config;
    this.labels = Labels.fromObject(labels);
    this.#setLabels = Object.entries(labels);
    this.#expression = { expression: config.expression, text: config.expr };
  }

  /** Throws `RULE_EVALUATION_FAILED`, and what the query throws. */
  async evaluate({ query, queryMs, limit }: RuleContext): Promise<readonly RuleSample[]> {
    const vector = await query(this.#expression, queryMs);
    const known = new Set<string>();
    const samples = vector.map(({ labels, value, histogram }): RuleSample => {
      const named = Labels.fromEntries([...labels, [METRIC_NAME, this.config.name], ...this.#setLabels]);
      if (known.has(named.key)) {
        throw new RuleEvaluationError("vector contains metrics with the same labelset after applying rule labels");
      }
      known.add(named.key);
      return { labels: named, value, ...(histogram && { histogram }) };
    });
    if (limit > 0 && samples.length > limit) {
      throw new RuleEvaluationError(`exceeded limit of ${limit} with ${samples.length} series`);
    }
    return samples;
  }
}
