import { Labels, METRIC_NAME } from "@monotreme/model";
import { printExpression, type VectorSample } from "@monotreme/promql";
import type { AlertingRuleConfig } from "@monotreme/rules";
import { type ActiveAlert, advanceAlerts, countActive, type FoundAlert, needsSending } from "./active-alert.ts";
import type { RuleContext, RuleExpression, RuleSample } from "./rule-context.ts";
import { RuleEvaluationError } from "./rule-error.ts";

const ALERT_NAME = "alertname";
const ALERT_STATE = "alertstate";

/** Words of templates that give something else at another time. */
const IMPURE = /\b(query|now|tmpl|externalLabels|ExternalLabels)\b/;

/** Others get their turn after so many alerts: their templates take some milliseconds. */
const ALERTS_PER_TURN = 100;

/** The labels of the series of one alert, by its state. */
interface StateSeries {
  readonly pending: Labels;
  readonly firing: Labels;
  readonly forState: Labels;
}

interface Expanded {
  readonly sampleValue: number;
  readonly alert: FoundAlert;
}

/** Makes an alert of each series of an expression and follows it until it is resolved. */
export class AlertingRule {
  readonly kind = "alerting";
  readonly config: AlertingRuleConfig;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly #expression: RuleExpression;
  readonly #labelTemplates: readonly (readonly [string, string])[];
  /** Whether labels and value of a sample are all that its templates depend on. */
  readonly #isPure: boolean;
  #query: string | undefined;
  readonly #stateSeries = new WeakMap<Labels, StateSeries>();
  #active = new Map<string, ActiveAlert>();
  /** What the samples of the last evaluation were expanded to, by the key of their labels. */
  #expanded = new Map<string, Expanded>();

  /** `labels`: the rule's, with those of its group. */
  constructor(config: AlertingRuleConfig, labels: Readonly<Record<string, string>>) {
    this.config = config;
    this.labels = Labels.fromObject(labels);
    this.annotations = Labels.fromObject(config.annotations);
    this.#labelTemplates = Object.entries(labels);
    const texts = [...Object.values(labels), ...Object.values(config.annotations)];
    this.#isPure = !texts.some((text) => IMPURE.test(text));
    this.#expression = { expression: config.expression, text: config.expr };
  }

  /** The expression as our printer writes it, for links and the API. */
  get query(): string {
    this.#query ??= printExpression(this.config.expression);
    return this.#query;
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
    const before = this.#expanded;
    this.#expanded = new Map();
    for (const sample of vector) {
      const known = before.get(sample.labels.key);
      const isKnown = this.#isPure && known !== undefined && Object.is(known.sampleValue, sample.value);
      const alert = isKnown ? known.alert : await this.#alertOf(sample, context);
      if (found.size % ALERTS_PER_TURN === ALERTS_PER_TURN - 1) await nextTurn();
      this.#expanded.set(sample.labels.key, { sampleValue: sample.value, alert });
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
      const series = this.#seriesOf(labels);
      samples.push(
        { labels: series[state], value: 1 },
        { labels: series.forState, value: Math.trunc(activeAtMs / 1000) },
      );
    }
    return samples;
  }

  /** The alerts that the Alertmanagers have to be told about now. */
  alertsToSend(tsMs: number, resendDelayMs: number): readonly ActiveAlert[] {
    return this.alerts.filter((alert) => needsSending(alert, tsMs, resendDelayMs));
  }

  /** Made once an alert. */
  #seriesOf(labels: Labels): StateSeries {
    const known = this.#stateSeries.get(labels);
    if (known !== undefined) return known;
    const alerts = (state: string): Labels =>
      Labels.fromEntries([...labels, [METRIC_NAME, "ALERTS"], [ALERT_STATE, state]]);
    const forState = Labels.fromEntries([...labels, [METRIC_NAME, "ALERTS_FOR_STATE"]]);
    const series = { pending: alerts("pending"), firing: alerts("firing"), forState };
    this.#stateSeries.set(labels, series);
    return series;
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

async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => void setImmediate(resolve));
}
