import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import type { LoadedCheck } from "../checks/check-store.ts";
import { deadlineMs } from "../checks/deadline.ts";
import type { HeartbeatMetrics } from "../metrics.ts";
import type { Deadline } from "./deadline-queue.ts";

export interface DeadlineKeeperOptions {
  /** Puts deadlines into the queue; rejects while it is away. */
  readonly add: (deadlines: readonly Deadline[]) => Promise<void>;
  readonly checks: () => Iterable<LoadedCheck>;
  readonly metrics: HeartbeatMetrics;
  readonly logger: Logger;
}

const BATCH = 1000;
const RETRY_MS = 250;

/**
 * Sees to it that every check that has a deadline is looked at no later than then. A deadline that moves further away,
 * as with every ping, costs nothing: the look at the old one finds that it is too early and asks for the new one. So
 * there is about one job a check and period, however many pings come. Waits at most one deadline a check.
 */
export class DeadlineKeeper {
  readonly #options: DeadlineKeeperOptions;
  /** The earliest look that is in the queue, by check. */
  readonly #armed = new Map<string, number>();
  readonly #waiting = new Map<string, number>();
  #flushing: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: DeadlineKeeperOptions) {
    this.#options = options;
  }

  /** Takes note of a check as it is now. */
  watch(check: LoadedCheck): void {
    const { id } = check.definition;
    const due = deadlineMs(check.state, check.timing);
    if (due === undefined) {
      this.#waiting.delete(id);
      return;
    }
    if ((this.#armed.get(id) ?? Number.POSITIVE_INFINITY) <= due) return;
    this.#waiting.set(id, due);
    this.#flush();
  }

  forget(checkId: string): void {
    this.#armed.delete(checkId);
    this.#waiting.delete(checkId);
  }

  /** A look has come due, so it is not in the queue any more. */
  cameDue({ checkId, dueMs }: Deadline): void {
    if (this.#armed.get(checkId) === dueMs) this.#armed.delete(checkId);
  }

  /** What was in the queue may be gone: puts everything in again, which does no harm to what is still there. */
  rearmAll(): void {
    this.#options.metrics.deadlinesRearmed.inc();
    this.#armed.clear();
    for (const check of this.#options.checks()) this.watch(check);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#flushing;
  }

  #flush(): void {
    this.#flushing ??= this.#run().finally(() => {
      this.#flushing = undefined;
    });
  }

  async #run(): Promise<void> {
    // Those that come in the same moment go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.size > 0 && !this.#isClosed) {
      const batch = [...this.#waiting].slice(0, BATCH).map(([checkId, dueMs]) => ({ checkId, dueMs }));
      try {
        await this.#options.add(batch);
        for (const deadline of batch) this.#wasAdded(deadline);
        this.#options.metrics.deadlinesArmed.inc(batch.length);
      } catch (error) {
        this.#options.metrics.deadlineFailures.inc(batch.length);
        this.#options.logger.warn({ reason: messageOf(error), checks: this.#waiting.size }, "deadlines wait for Redis");
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  #wasAdded({ checkId, dueMs }: Deadline): void {
    if (this.#waiting.get(checkId) === dueMs) this.#waiting.delete(checkId);
    const armed = this.#armed.get(checkId) ?? Number.POSITIVE_INFINITY;
    if (dueMs < armed) this.#armed.set(checkId, dueMs);
  }
}
