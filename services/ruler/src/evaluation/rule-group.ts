import { messageOf } from "@monotreme/errors";
import type { Labels } from "@monotreme/model";
import type { SampleSource } from "@monotreme/promql";
import { ruleDependencies } from "@monotreme/rules";
import type { Logger } from "@monotreme/telemetry";
import type { ActiveAlert } from "./active-alert.ts";
import type { AlertingRule } from "./alerting-rule.ts";
import { type EvaluatedRule, rulesOfGroup } from "./evaluated-rule.ts";
import { type GroupDefinition, groupKey } from "./group-definition.ts";
import type { GroupMeter } from "./group-meter.ts";
import { OverlaySource, type RecentSample } from "./overlay-source.ts";
import type { ExpandTemplate, RuleContext, RuleQuery, RuleSample } from "./rule-context.ts";
import type { RuleQueryRunner } from "./rule-query.ts";
import type { RecordedSeries, SampleRecorder } from "./sample-recorder.ts";

export interface RuleGroupOptions {
  readonly source: SampleSource;
  readonly queries: RuleQueryRunner;
  readonly recorder: SampleRecorder;
  readonly expandTemplate: ExpandTemplate;
  /** Keeps and sends what the alerts of a rule have become; rejects where they could not be handed on. */
  readonly deliver: (ruleKey: string, rule: AlertingRule, tsMs: number) => Promise<void>;
  /** Rules of one group that run at one time. */
  readonly maxConcurrentRules: number;
  readonly meter: GroupMeter;
  readonly logger: Logger;
}

/** The rules of one group, evaluated together. One evaluation at a time. */
export class RuleGroup {
  readonly definition: GroupDefinition;
  readonly key: string;
  readonly rules: readonly EvaluatedRule[];
  readonly #options: RuleGroupOptions;
  readonly #dependencies: readonly (readonly number[])[];
  /** Series of rules that are gone, to be ended with the next evaluation. */
  #orphans: RecordedSeries[] = [];
  evaluationSeconds = 0;
  lastEvaluationMs: number | undefined;
  /** What readers of `/api/v1/rules` should know of the last evaluation. */
  warning: string | undefined;

  constructor(definition: GroupDefinition, options: RuleGroupOptions) {
    this.definition = definition;
    this.key = groupKey(definition);
    this.#options = options;
    this.rules = rulesOfGroup(definition.config);
    const isParallel = options.maxConcurrentRules > 1;
    this.#dependencies = isParallel ? ruleDependencies(definition.config.rules) : [];
  }

  /** Takes over what a former version of the group knows: alerts, series, results of rules that both have. */
  copyState(former: RuleGroup): void {
    const known = new Map(former.rules.map((rule) => [rule.key, rule]));
    for (const rule of this.rules) {
      const before = known.get(rule.key);
      if (before === undefined) continue;
      known.delete(rule.key);
      rule.previous = before.previous;
      rule.health = before.health;
      rule.lastError = before.lastError;
      rule.evaluationSeconds = before.evaluationSeconds;
      rule.lastEvaluationMs = before.lastEvaluationMs;
      if (rule.rule.kind === "alerting" && before.rule.kind === "alerting") rule.rule.restore(before.rule.alerts);
    }
    this.#orphans = [...former.#orphans, ...[...known.values()].flatMap(({ previous }) => [...previous.values()])];
    this.evaluationSeconds = former.evaluationSeconds;
    this.lastEvaluationMs = former.lastEvaluationMs;
  }

  /** The state that another process left: alerts by the key of their rule. */
  restore(alertsOf: ReadonlyMap<string, readonly ActiveAlert[]>, lastEvaluationMs: number | undefined): void {
    this.lastEvaluationMs = lastEvaluationMs;
    for (const entry of this.rules) {
      const alerts = alertsOf.get(entry.key);
      if (alerts === undefined || entry.rule.kind !== "alerting") continue;
      entry.rule.restore(alerts);
      entry.previous = this.#seriesOf(entry.rule.stateSamples().map(({ labels }) => labels));
    }
  }

  /** What its recording rules wrote last, as found in the storage; so that series that vanished since are ended. */
  restoreSeries(entry: EvaluatedRule, labels: readonly Labels[]): void {
    entry.previous = this.#seriesOf(labels);
  }

  /** Evaluates every rule for the slot `tsMs`; a rule that fails says so and does not keep the others from running. */
  async evaluate(tsMs: number, signal: AbortSignal): Promise<void> {
    const startedMs = performance.now();
    const { meter, source } = this.#options;
    const overlay = new OverlaySource(source);
    const handing: Promise<void>[] = [];
    let samples = 0;
    const evaluateOne = async (entry: EvaluatedRule): Promise<void> => {
      const evaluated = await this.#evaluateRule(entry, overlay, tsMs, signal, handing);
      samples += evaluated;
    };
    if (this.#options.maxConcurrentRules > 1) await this.#inParallel(evaluateOne);
    else for (const entry of this.rules) await evaluateOne(entry);
    this.#endOrphans(tsMs, handing);
    await Promise.all(handing);
    this.evaluationSeconds = (performance.now() - startedMs) / 1000;
    this.lastEvaluationMs = tsMs;
    meter.evaluated(this.evaluationSeconds, tsMs, samples);
  }

  /** Ends every series of a group that is removed. */
  async endSeries(tsMs: number): Promise<void> {
    const series = [...this.#orphans, ...this.rules.flatMap(({ previous }) => [...previous.values()])];
    if (series.length === 0) return;
    const append = this.#options.recorder.begin();
    for (const each of series) append.add(each, tsMs - this.definition.queryOffsetMs, "stale");
    await append.commit();
  }

  /** As many at one time as allowed, each after those that it depends on. */
  async #inParallel(evaluateOne: (entry: EvaluatedRule) => Promise<void>): Promise<void> {
    const done: Promise<void>[] = [];
    const running = new Set<Promise<void>>();
    for (const [index, entry] of this.rules.entries()) {
      while (running.size >= this.#options.maxConcurrentRules) await Promise.race(running);
      const earlier = (this.#dependencies[index] ?? []).map((other) => done[other] ?? Promise.resolve());
      const evaluating = Promise.all(earlier).then(async () => evaluateOne(entry));
      done.push(evaluating);
      running.add(evaluating);
      void evaluating.finally(() => running.delete(evaluating));
    }
    await Promise.all(done);
  }

  /** How many samples the rule gave; never rejects. What it wrote and sent is waited for in `handing`. */
  async #evaluateRule(
    entry: EvaluatedRule,
    overlay: OverlaySource,
    tsMs: number,
    signal: AbortSignal,
    handing: Promise<void>[],
  ): Promise<number> {
    const { meter, deliver } = this.#options;
    const startedMs = performance.now();
    meter.ruleStarted();
    let samples: readonly RuleSample[] = [];
    try {
      samples = await entry.rule.evaluate(this.#contextOf(overlay, tsMs, signal));
      signal.throwIfAborted();
      entry.health = "ok";
      entry.lastError = undefined;
      handing.push(this.#record(entry, samples, overlay, tsMs));
      const { rule } = entry;
      if (rule.kind === "alerting") handing.push(this.#guard(entry, deliver(entry.key, rule, tsMs)));
    } catch (error) {
      if (!signal.aborted) {
        this.#fail(entry, error);
        // Above its limit a rule forgets its alerts; so must whoever takes over.
        const { rule } = entry;
        const isCleared = rule.kind === "alerting" && rule.alerts.length === 0;
        if (isCleared) handing.push(this.#guard(entry, deliver(entry.key, rule, tsMs)));
      }
    }
    entry.evaluationSeconds = (performance.now() - startedMs) / 1000;
    entry.lastEvaluationMs = tsMs;
    meter.ruleEvaluated(entry.evaluationSeconds);
    return samples.length;
  }

  #contextOf(overlay: OverlaySource, tsMs: number, signal: AbortSignal): RuleContext {
    const { queries, expandTemplate } = this.#options;
    const { queryOffsetMs, config } = this.definition;
    const query: RuleQuery = async (expression, atMs) => queries.run(overlay, expression, atMs, signal);
    return { tsMs, queryMs: tsMs - queryOffsetMs, limit: config.limit, query, expandTemplate };
  }

  /** Writes what the rule gave, and ends the series that it gave before and not now. Never rejects. */
  async #record(
    entry: EvaluatedRule,
    samples: readonly RuleSample[],
    overlay: OverlaySource,
    tsMs: number,
  ): Promise<void> {
    const atMs = tsMs - this.definition.queryOffsetMs;
    const { previous } = entry;
    const current = new Map<string, RecordedSeries>();
    const recent: RecentSample[] = [];
    try {
      const append = this.#options.recorder.begin();
      for (const { labels, value, histogram } of samples) {
        const series = previous.get(labels.key) ?? this.#options.recorder.seriesOf(labels);
        current.set(labels.key, series);
        append.add(series, atMs, value, histogram);
        recent.push({ labels, value, histogram });
      }
      for (const [key, series] of previous) {
        if (current.has(key)) continue;
        append.add(series, atMs, "stale");
        recent.push({ labels: series.labels, value: "stale" });
      }
      overlay.add(atMs, recent);
      entry.previous = current;
      if (recent.length > 0) await append.commit();
    } catch (error) {
      // What may not have been ended is ended with the next evaluation.
      entry.previous = new Map([...previous, ...current]);
      this.#options.meter.samplesLost(recent.length);
      this.#fail(entry, error);
    }
  }

  #endOrphans(tsMs: number, handing: Promise<void>[]): void {
    const orphans = this.#orphans;
    this.#orphans = [];
    if (orphans.length === 0) return;
    const written = new Set(this.rules.flatMap(({ previous }) => [...previous.keys()]));
    const end = async (): Promise<void> => {
      const append = this.#options.recorder.begin();
      for (const series of orphans) {
        if (!written.has(series.labels.key)) append.add(series, tsMs - this.definition.queryOffsetMs, "stale");
      }
      await append.commit();
    };
    const keep = (error: unknown): void => {
      this.#orphans.push(...orphans);
      this.#options.logger.warn({ group: this.definition.config.name, reason: messageOf(error) }, "series not ended");
    };
    handing.push(end().catch(keep));
  }

  async #guard(entry: EvaluatedRule, delivery: Promise<void>): Promise<void> {
    try {
      await delivery;
    } catch (error) {
      this.#fail(entry, error);
    }
  }

  #fail(entry: EvaluatedRule, error: unknown): void {
    const { meter, logger } = this.#options;
    const { file, config } = this.definition;
    entry.health = "err";
    entry.lastError = messageOf(error);
    meter.ruleFailed();
    logger.warn({ file, group: config.name, rule: entry.rule.config.name, reason: entry.lastError }, "rule failed");
  }

  #seriesOf(labels: readonly Labels[]): ReadonlyMap<string, RecordedSeries> {
    return new Map(labels.map((each) => [each.key, this.#options.recorder.seriesOf(each)]));
  }
}
