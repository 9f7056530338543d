import type { Clock } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import { type GroupSchedule, groupSchedule, slotAfter, slotAt } from "../evaluation/group-schedule.ts";
import type { GroupMeter } from "../evaluation/group-meter.ts";
import type { WatermarkOutcome } from "../evaluation/ingest-watermark.ts";
import type { RuleGroup } from "../evaluation/rule-group.ts";

export interface GroupRunnerOptions {
  readonly clock: Clock;
  readonly waitForData: () => Promise<WatermarkOutcome>;
  /** Keeps that a slot was evaluated, for whoever takes over. */
  readonly onEvaluated: (tsMs: number) => Promise<void>;
  readonly meter: GroupMeter;
  readonly logger: Logger;
}

/** Evaluates a group at each of its slots, until it is stopped. */
export class GroupRunner {
  readonly group: RuleGroup;
  readonly #schedule: GroupSchedule;
  readonly #options: GroupRunnerOptions;
  readonly #stopping = new AbortController();
  #cancelTimer: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(group: RuleGroup, options: GroupRunnerOptions) {
    const { file, config, intervalMs } = group.definition;
    this.group = group;
    this.#schedule = groupSchedule(file, config.name, intervalMs);
    this.#options = options;
  }

  /**
   * Begins with the next slot; with the current one at once, where the group was evaluated before by somebody else and
   * that one is still missing.
   */
  start(): void {
    const nowMs = this.#options.clock.now();
    const currentMs = slotAt(this.#schedule, nowMs);
    const { lastEvaluationMs } = this.group;
    const isMissing = lastEvaluationMs !== undefined && lastEvaluationMs < currentMs;
    if (isMissing) {
      const passedOver = Math.max(0, Math.floor((currentMs - lastEvaluationMs) / this.#schedule.intervalMs) - 1);
      this.#wake(currentMs, passedOver);
    } else this.#wake(currentMs + this.#schedule.intervalMs, 0);
  }

  /** Ends what is under way: queries at once, writes when they are done. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the group is stopped"));
    this.#cancelTimer();
    await this.#running;
  }

  /** Ends after the evaluation under way. */
  async finish(): Promise<void> {
    this.#cancelTimer();
    await this.#running;
    await this.stop();
  }

  #wake(tsMs: number, missed: number): void {
    if (this.#stopping.signal.aborted) return;
    const { intervalMs } = this.#schedule;
    const nowMs = this.#options.clock.now();
    // A clock that was set back must not make the group wait for it to catch up.
    const dueMs = tsMs - nowMs > intervalMs ? slotAt(this.#schedule, nowMs) + intervalMs : tsMs;
    this.#cancelTimer = this.#options.clock.after(Math.max(0, dueMs - nowMs), () => {
      this.#running = this.#run(dueMs, missed);
    });
  }

  /** Never rejects. */
  async #run(tsMs: number, missed: number): Promise<void> {
    const { clock, meter, onEvaluated, waitForData, logger } = this.#options;
    const { signal } = this.#stopping;
    meter.iteration(missed);
    try {
      const outcome = await waitForData();
      this.group.warning = warningOf(outcome, this.group, tsMs);
      if (signal.aborted) return;
      await this.group.evaluate(tsMs, signal);
      if (!signal.aborted) await onEvaluated(tsMs);
    } catch (error) {
      logger.error({ group: this.group.definition.config.name, reason: messageOf(error) }, "evaluation failed");
    }
    const next = slotAfter(this.#schedule, tsMs, clock.now());
    this.#wake(next.tsMs, next.missed);
  }
}

function warningOf(outcome: WatermarkOutcome, { definition }: RuleGroup, tsMs: number): string | undefined {
  if (outcome === "complete") return undefined;
  const { file, config } = definition;
  const reason = outcome === "late" ? "not all samples were stored yet" : "it is not known which samples are stored";
  return `rule group ${JSON.stringify(config.name)} of ${file} was evaluated at ${new Date(tsMs).toISOString()} although ${reason}`;
}
