import { type Clock, sleep } from "@monotreme/clock";
import { AppError, messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import { blockKeyText, type BlockKey } from "@monotreme/storage";
import type { BlockLeases } from "./block-leases.ts";
import type { JobRunner, Outcome } from "./job-runner.ts";
import type { CompactorMetrics } from "./metrics.ts";
import type { CatalogView } from "./plan/catalog-view.ts";
import { TaskPicker } from "./plan/pick-task.ts";
import { type CatalogState, makePlan, type Plan, type PlanOptions } from "./plan/plan.ts";

export interface SchedulerOptions extends PlanOptions {
  readonly view: CatalogView;
  readonly runner: JobRunner;
  readonly leases: Pick<BlockLeases, "isElsewhere">;
  readonly clock: Clock;
  readonly intervalMs: number;
  /** Tasks at one time. */
  readonly concurrency: number;
  readonly metrics: CompactorMetrics;
  readonly logger: Logger;
}

/** The last plan and what it was made from. */
export interface Planned {
  readonly plan: Plan;
  readonly state: CatalogState;
}

/** The pause after a look at the catalog that failed. */
const AWAY_MS = 2000;
/** The pause after a task that somebody else had taken. */
const SKIPPED_MS = 300;

/** Looks at what is due, again and again, and has it done; one look at a time, so many tasks as are allowed. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #picker = new TaskPicker();
  readonly #busy = new Set<string>();
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();
  #planned: Planned | undefined;
  #isAway = false;
  #running: Promise<void> | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Begins; only once. */
  start(): void {
    const workers = Array.from({ length: this.#options.concurrency }, async () => this.#work());
    this.#running = Promise.all(workers).then(() => undefined);
  }

  /** What was planned last; undefined before the first look. */
  get planned(): Planned | undefined {
    return this.#planned;
  }

  /** Looks again now instead of after the interval. */
  trigger(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  /** Stops jobs before their next insert and waits for that. */
  async close(): Promise<void> {
    this.#stop.abort(new AppError("COMPACTOR_STOPPED", "canceled", "the process was stopped"));
    await this.#running;
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const { clock, intervalMs } = this.#options;
      let pauseMs = intervalMs;
      try {
        const outcome = await this.#runOne(signal);
        if (outcome === "done" || outcome === "failed") pauseMs = 0;
        else if (outcome === "skipped") pauseMs = Math.min(intervalMs, SKIPPED_MS);
      } catch (error) {
        if (signal.aborted) return;
        this.#options.metrics.planFailures.inc();
        if (!this.#isAway) this.#options.logger.warn({ reason: messageOf(error) }, "compaction pauses");
        this.#isAway = true;
        pauseMs = AWAY_MS;
      }
      if (pauseMs > 0) await sleep(clock, pauseMs, AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  /** How the next task ended; undefined where there is none. */
  async #runOne(signal: AbortSignal): Promise<Outcome | undefined> {
    const picked = await this.#inTurn(async () => this.#pick(signal));
    if (picked === undefined) return undefined;
    const { task, known } = picked;
    try {
      return await this.#options.runner.run(task, known, signal);
    } finally {
      this.#busy.delete(blockKeyText(task.key));
    }
  }

  async #pick(signal: AbortSignal) {
    const { view, metrics, leases, logger } = this.#options;
    const state = await view.refresh(signal);
    if (this.#isAway) logger.info("compaction goes on");
    this.#isAway = false;
    const plan = makePlan(state, this.#options);
    this.#planned = { plan, state };
    metrics.planned(plan, state.histories, state.nowMs);
    const isFree = (key: BlockKey): boolean => !this.#busy.has(blockKeyText(key)) && !leases.isElsewhere(key);
    const task = this.#picker.pick(plan, state.nowMs, isFree);
    if (task === undefined) return undefined;
    this.#busy.add(blockKeyText(task.key));
    return { task, known: state.histories.get(blockKeyText(task.key)) };
  }

  /** One after the other. */
  async #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(run);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
