import { Labels, METRIC_NAME } from "@monotreme/model";
import type { VectorSample } from "@monotreme/promql";
import type { AlertingRuleConfig } from "@monotreme/rules";
import { type ActiveAlert, advanceAlerts, countActive, type FoundAlert, needsSending } from "./active-alert.ts";
import type { RuleContext, RuleExpression, RuleSample } from "./rule-context.ts";
import { RuleEvaluationError } from "./rule-error.ts";

const ALERT_NAME = "alertname";
const ALERT_STATE = "alertstate";

/** Makes an alert of each series of an expression and follows it until it is resolved. */
export class AlertingRule {
  readonly kind = "alerting";
  readonly config: AlertingRuleConfig;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly #expression: RuleExpression;
  readonly #labelTemplates: readonly (readonly [string, string])[];
  #active = new Map<string, ActiveAlert>();

  /** `labels`: the rule's, with those of its group. */
  constructor(config: AlertingRuleConfig, labels: Readonly<Record<string, string>>) {
    this.config = config;
    this.labels = Labels.fromObject(labels);
    this.annotations = Labels.fromObject(config.annotations);
    this.#labelTemplates = Object.entries(labels);
    this.#expression = { expression: config.expression, text: config.expr };
  }

  /** Alerts in any state, the resolved ones that are still remembered included. */
  get alerts(): readonly ActiveAlert[] {
    return [...this.#active.values()];
  }

  /** The worst state of its alerts. */
  get state(): ActiveAlert["state"] {
    const states = new Set(this.alerts.map(({ state }) => state));
    return states.has("firing") ? "firing" : states.has("pending") ? "pending" : "inactive";
  }

  /** Takes over the alerts of the same rule before a restart, a change of hands or a reload. */
  restore(alerts: readonly ActiveAlert[]): void {
    this.#active = new Map(alerts.map((alert) => [alert.labels.key, alert]));
  }

  /** Throws `RULE_EVALUATION_FAILED`, and what the query throws; above the limit all alerts are forgotten. */
  async evaluate(context: RuleContext): Promise<readonly RuleSample[]> {
    const { tsMs, queryMs, limit } = context;
    const vector = await context.query(this.#expression, queryMs);
    const found = new Map<string, FoundAlert>();
    for (const sample of vector) {
      const alert = await this.#alertOf(sample, context);
      if (found.has(alert.labels.key)) {
        throw new RuleEvaluationError("vector contains metrics with the same labelset after applying alert labels");
      }
      found.set(alert.labels.key, alert);
    }
    advanceAlerts(this.#active, found, tsMs, this.config);
    const activeCount = countActive(this.#active);
    if (limit > 0 && activeCount > limit) {
      this.#active.clear();
      throw new RuleEvaluationError(`exceeded limit of ${limit} with ${activeCount} alerts`);
    }
    return this.stateSamples();
  }

  /** The series `ALERTS` and `ALERTS_FOR_STATE` of the alerts as they are. */
  stateSamples(): readonly RuleSample[] {
    const samples: RuleSample[] = [];
    for (const { labels, state, activeAtMs } of this.#active.values()) {
      if (state === "inactive") continue;
      const named = (name: string): readonly [string, string] => [METRIC_NAME, name];
      samples.push(
        { labels: Labels.fromEntries([...labels, named("ALERTS"), [ALERT_STATE, state]]), value: 1 },
        {
          labels: Labels.fromEntries([...labels, named("ALERTS_FOR_STATE")]),
          value: Math.trunc(activeAtMs / 1000),
        },
      );
    }
    return samples;
  }

  /** The alerts that the Alertmanagers have to be told about now. */
  alertsToSend(tsMs: number, resendDelayMs: number): readonly ActiveAlert[] {
    return this.alerts.filter((alert) => needsSending(alert, tsMs, resendDelayMs));
  }

  async #alertOf(sample: VectorSample, { tsMs, query, expandTemplate }: RuleContext): Promise<FoundAlert> {
    const value = sample.histogram === undefined ? sample.value : 0;
    const expand = async (text: string): Promise<string> =>
      text.includes("{{")
        ? expandTemplate({ alertName: this.config.name, text, labels: sample.labels, value, atMs: tsMs, query })
        : text;
    const labels: [string, string][] = [...sample.labels.withoutMetricName()];
    for (const [name, text] of this.#labelTemplates) labels.push([name, await expand(text)]);
    labels.push([ALERT_NAME, this.config.name]);
    const annotations: [string, string][] = [];
    for (const [name, text] of this.annotations) annotations.push([name, await expand(text)]);
    return { labels: Labels.fromEntries(labels), annotations: Labels.fromEntries(annotations), value };
  }
}
