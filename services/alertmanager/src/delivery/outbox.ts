import type { CancelTimer, Clock } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import type { DeliveryMetrics } from "../metrics.ts";
import type { NotificationLog } from "../notify/notification-log.ts";
import type { DeliveryJob } from "./delivery-job.ts";
import type { DeliveryQueue } from "./delivery-queue.ts";

export interface OutboxOptions {
  readonly queue: DeliveryQueue;
  /** Takes what the queue did not take for too long. */
  readonly direct: DeliveryQueue;
  readonly log: NotificationLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: DeliveryMetrics;
}

interface PendingJob {
  readonly job: DeliveryJob;
  /** Since when something about this group and integration has been waiting for the queue. */
  readonly waitingSinceMs: number;
  state: "new" | "queued" | "direct";
  checkedAtMs: number;
  rebuilds: number;
}

const ROUND_MS = 1000;
/** Redis restarts in less; then people wait no longer. */
const DIRECT_AFTER_MS = 3000;
/** How long a queued job may show nothing before the queue is asked whether it still has it. */
const CHECK_AFTER_MS = 2000;
/** Questions to the queue a round, so that a storm of jobs does not become a storm of questions. */
const CHECKS_PER_ROUND = 200;

/** The queue keeps the jobs that failed, but not endlessly many: one that vanishes again and again may be of those. */
const MAX_REBUILDS = 3;

/**
 * The jobs of the replica that dispatches, from their flush until the log says that they are done or their time is over.
 * What the queue does not take is tried again each second, and delivered past the queue after three; what vanishes from
 * the queue is put there again. The log keeps anything from being sent twice, so this may err on the side of repeating.
 * Holds at most one job a group and integration.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #pending = new Map<string, PendingJob>();
  readonly #unsubscribe: () => void;
  #cancelRound: CancelTimer | undefined;
  #isClosed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#unsubscribe = options.log.subscribe((logId, entry) => {
      const pending = this.#pending.get(logId);
      if (pending !== undefined && (entry.state?.flushMs ?? 0) >= pending.job.flushMs) this.#pending.delete(logId);
    });
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Whether a message to that integration about that group is on its way and has time left. */
  isBusy(logId: string): boolean {
    const pending = this.#pending.get(logId);
    return pending !== undefined && this.#options.clock.now() < pending.job.deadlineMs;
  }

  /** A job was given up; the group's next flush makes another. */
  giveUp(job: DeliveryJob): void {
    if (this.#pending.get(job.logId)?.job.id === job.id) this.#pending.delete(job.logId);
  }

  /** Takes responsibility for a job; an older one of the same group and integration is over. */
  add(job: DeliveryJob): void {
    const nowMs = this.#options.clock.now();
    const before = this.#pending.get(job.logId);
    const waitingSinceMs = before?.state === "new" ? before.waitingSinceMs : nowMs;
    const pending: PendingJob = { job, waitingSinceMs, state: "new", checkedAtMs: nowMs, rebuilds: 0 };
    this.#pending.set(job.logId, pending);
    void this.#enqueue(pending);
    this.#cancelRound ??= this.#options.clock.after(ROUND_MS, () => void this.#runRound());
  }

  /** Lets go of everything; queued jobs are delivered by whoever works on the queue. */
  close(): void {
    this.#isClosed = true;
    this.#cancelRound?.();
    this.#unsubscribe();
    this.#pending.clear();
  }

  async #runRound(): Promise<void> {
    const nowMs = this.#options.clock.now();
    for (const [logId, { job }] of this.#pending) if (job.deadlineMs <= nowMs) this.#pending.delete(logId);
    const all = [...this.#pending.values()];
    await Promise.all(all.filter(({ state }) => state === "new").map(async (pending) => this.#enqueue(pending)));
    const due = all.filter(({ state, checkedAtMs }) => state === "queued" && nowMs - checkedAtMs >= CHECK_AFTER_MS);
    await Promise.all(due.slice(0, CHECKS_PER_ROUND).map(async (pending) => this.#check(pending)));
    if (this.#isClosed) return;
    const isIdle = this.#pending.size === 0;
    this.#cancelRound = isIdle ? undefined : this.#options.clock.after(ROUND_MS, () => void this.#runRound());
  }

  async #enqueue(pending: PendingJob): Promise<void> {
    const { clock, direct, logger, metrics, queue } = this.#options;
    try {
      await queue.add(pending.job);
      pending.state = "queued";
      pending.checkedAtMs = clock.now();
    } catch (error) {
      metrics.queueFailures.inc();
      if (clock.now() - pending.waitingSinceMs < DIRECT_AFTER_MS) return;
      logger.warn({ reason: messageOf(error), group: pending.job.key.groupKey }, "notification sent past the queue");
      metrics.directDeliveries.inc();
      pending.state = "direct";
      await direct.add(pending.job);
    }
  }

  async #check(pending: PendingJob): Promise<void> {
    const { clock, metrics, queue } = this.#options;
    pending.checkedAtMs = clock.now();
    try {
      const state = await queue.stateOf(pending.job.id);
      if (this.#pending.get(pending.job.logId) !== pending) return;
      if (state === "ended") this.#pending.delete(pending.job.logId);
      if (state !== "missing" || pending.rebuilds >= MAX_REBUILDS) return;
      pending.rebuilds++;
      metrics.jobsRebuilt.inc();
      pending.state = "new";
      await this.#enqueue(pending);
    } catch {
      // The queue is away. It may come back without the job, or not at all: then the job goes past it.
      pending.state = "new";
    }
  }
}
