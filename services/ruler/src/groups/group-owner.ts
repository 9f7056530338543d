import type { Clock } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import type { GroupMeter } from "../evaluation/group-meter.ts";
import { type GroupDefinition, isSameGroup } from "../evaluation/group-definition.ts";
import type { WatermarkOutcome } from "../evaluation/ingest-watermark.ts";
import { RuleGroup, type RuleGroupOptions } from "../evaluation/rule-group.ts";
import type { AlertDelivery } from "../sending/alert-delivery.ts";
import type { AlertStateStore } from "../state/alert-state-store.ts";
import { GroupRunner } from "./group-runner.ts";

/** What is needed to evaluate one definition of a group. */
export interface GroupParts {
  readonly options: Omit<RuleGroupOptions, "deliver" | "meter" | "logger">;
  readonly delivery: AlertDelivery;
  /** The series that a recording rule wrote at an instant, as the storage has them. */
  readonly restoreSeries: (group: RuleGroup, atMs: number) => Promise<void>;
}

export interface GroupOwnerOptions {
  readonly clock: Clock;
  readonly store: AlertStateStore;
  readonly createParts: (definition: GroupDefinition) => GroupParts;
  readonly createMeter: (definition: GroupDefinition) => GroupMeter;
  readonly waitForData: () => Promise<WatermarkOutcome>;
  readonly logger: Logger;
}

const RETRY_MS = 1000;

/**
 * One group in this process. It is evaluated while this process holds its lease; its state is read when the lease comes
 * and forgotten when it goes. Changes run one after the other.
 */
export class GroupOwner {
  readonly key: string;
  readonly #options: GroupOwnerOptions;
  #definition: GroupDefinition;
  #runner: GroupRunner | undefined;
  #meter: GroupMeter | undefined;
  #isWanted = false;
  #queue: Promise<void> = Promise.resolve();
  #cancelRetry: () => void = () => undefined;

  constructor(key: string, definition: GroupDefinition, options: GroupOwnerOptions) {
    this.key = key;
    this.#definition = definition;
    this.#options = options;
  }

  /** The group, while it is evaluated here. */
  get group(): RuleGroup | undefined {
    return this.#runner?.group;
  }

  get definition(): GroupDefinition {
    return this.#definition;
  }

  /** The lease is held from now on. */
  acquired(): void {
    this.#isWanted = true;
    void this.#enqueue(async () => this.#begin());
  }

  /** The lease is gone: nothing more is written or sent. */
  lost(): void {
    this.#isWanted = false;
    const runner = this.#runner;
    void runner?.stop();
    void this.#enqueue(async () => this.#end());
  }

  /** Takes another definition of the same group; one that means the same changes nothing. */
  async change(definition: GroupDefinition): Promise<void> {
    const before = this.#definition;
    this.#definition = definition;
    if (isSameGroup(before, definition)) return;
    await this.#enqueue(async () => this.#replace());
  }

  /** Ends after the evaluation under way; the lease may be given to others then. */
  async release(): Promise<void> {
    this.#isWanted = false;
    await this.#enqueue(async () => {
      await this.#runner?.finish();
      this.#end();
    });
  }

  /** Ends the evaluation under way without waiting for it. */
  stopNow(): void {
    void this.#runner?.stop();
  }

  /** As {@link release}, for a group that is gone; gives what it was for its series to be ended. */
  async remove(): Promise<RuleGroup | undefined> {
    const group = this.group;
    await this.release();
    return group;
  }

  async #begin(): Promise<void> {
    if (!this.#isWanted || this.#runner !== undefined) return;
    try {
      const group = await this.#restored();
      if (this.#isWanted) this.#run(group);
    } catch (error) {
      this.#options.logger.warn({ group: this.#definition.config.name, reason: messageOf(error) }, "state not read");
      this.#cancelRetry = this.#options.clock.after(RETRY_MS, () => void this.#enqueue(async () => this.#begin()));
    }
  }

  async #restored(): Promise<RuleGroup> {
    const { store, clock } = this.#options;
    const { group, parts } = this.#create();
    const lastEvaluationMs = await store.readGroup(group.key);
    const alerting = group.rules.filter(({ rule }) => rule.kind === "alerting");
    const stored = await Promise.all(
      alerting.map(async ({ key }) => [key, await store.readAlerts(group.key, key)] as const),
    );
    // A clock that was set back must not keep the group waiting.
    const restoredMs = lastEvaluationMs === undefined ? undefined : Math.min(lastEvaluationMs, clock.now());
    group.restore(new Map(stored), restoredMs);
    for (const { key, rule } of alerting) if (rule.kind === "alerting") parts.delivery.restored(key, rule);
    if (lastEvaluationMs !== undefined) await parts.restoreSeries(group, lastEvaluationMs);
    return group;
  }

  async #replace(): Promise<void> {
    const former = this.#runner;
    if (former === undefined) return;
    await former.finish();
    if (!this.#isWanted) return;
    const { group } = this.#create();
    group.copyState(former.group);
    await this.#forgetRules(former.group, group);
    this.#run(group);
  }

  #run(group: RuleGroup): void {
    const { clock, store, waitForData, logger } = this.#options;
    const meter = this.#meterOf();
    const onEvaluated = async (tsMs: number): Promise<void> => store.writeGroup(group.key, tsMs);
    this.#runner = new GroupRunner(group, { clock, waitForData, onEvaluated, meter, logger });
    this.#runner.start();
  }

  #end(): void {
    this.#cancelRetry();
    this.#runner = undefined;
    this.#meter?.remove();
    this.#meter = undefined;
  }

  #create(): { readonly group: RuleGroup; readonly parts: GroupParts } {
    const parts = this.#options.createParts(this.#definition);
    const { logger } = this.#options;
    const deliver: RuleGroupOptions["deliver"] = async (ruleKey, rule, tsMs) =>
      parts.delivery.deliver(ruleKey, rule, tsMs);
    const group = new RuleGroup(this.#definition, { ...parts.options, deliver, meter: this.#meterOf(), logger });
    return { group, parts };
  }

  /** A changed group counts on. */
  #meterOf(): GroupMeter {
    this.#meter ??= this.#options.createMeter(this.#definition);
    return this.#meter;
  }

  async #forgetRules(former: RuleGroup, group: RuleGroup): Promise<void> {
    const kept = new Set(group.rules.map(({ key }) => key));
    for (const { key, rule } of former.rules) {
      if (rule.kind !== "alerting" || kept.has(key)) continue;
      await this.#options.store
        .writeAlerts(group.key, key, [])
        .catch((error: unknown) => this.#options.logger.warn({ reason: messageOf(error) }, "alert state not removed"));
    }
  }

  async #enqueue(task: () => void | Promise<void>): Promise<void> {
    const run = this.#queue.then(task);
    this.#queue = run.catch((error: unknown) => {
      this.#options.logger.error({ reason: messageOf(error) }, "change of a rule group failed");
    });
    return run;
  }
}
