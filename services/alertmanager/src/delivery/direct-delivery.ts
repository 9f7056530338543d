import type { CancelTimer, Clock } from "@monotreme/clock";
import type { Deliverer } from "./deliverer.ts";
import type { DeliveryJob } from "./delivery-job.ts";
import type { DeliveryQueue, QueuedState } from "./delivery-queue.ts";

const BUSY_RETRY_MS = 300;

interface Running {
  isEnded: boolean;
  readonly abort: AbortController;
  readonly cancelDeadline: CancelTimer;
  cancelRetry: CancelTimer | undefined;
}

/**
 * Delivers in this process, with the same tries and deadlines as over Redis; what it holds dies with the process. Used
 * while Redis is away, and in tests. One integration about one group is one chain of tries, so nothing here is bounded
 * but by the number of groups.
 */
export class DirectDelivery implements DeliveryQueue {
  readonly #deliverer: Deliverer;
  readonly #clock: Clock;
  readonly #running = new Map<string, Running>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(deliverer: Deliverer, clock: Clock) {
    this.#deliverer = deliverer;
    this.#clock = clock;
  }

  async add(job: DeliveryJob): Promise<void> {
    if (this.#running.has(job.id)) return;
    const abort = new AbortController();
    const cancelDeadline = this.#clock.after(job.deadlineMs - this.#clock.now(), () => this.#onDeadline(job.id));
    this.#running.set(job.id, { isEnded: false, abort, cancelDeadline, cancelRetry: undefined });
    this.#try(job, 1);
  }

  async stateOf(id: string): Promise<QueuedState> {
    const running = this.#running.get(id);
    if (running === undefined) return "missing";
    return running.isEnded ? "ended" : "waiting";
  }

  /** Ends what is under way; it counts as not sent where the service had not answered. */
  async close(): Promise<void> {
    for (const { abort, cancelDeadline, cancelRetry } of this.#running.values()) {
      cancelDeadline();
      cancelRetry?.();
      abort.abort();
    }
    this.#running.clear();
    await Promise.allSettled(this.#underWay);
  }

  #try(job: DeliveryJob, attempt: number): void {
    const running = this.#running.get(job.id);
    if (running === undefined) return;
    const delivery = this.#deliver(job, attempt, running);
    this.#underWay.add(delivery);
    void delivery.finally(() => this.#underWay.delete(delivery));
  }

  async #deliver(job: DeliveryJob, attempt: number, running: Running): Promise<void> {
    const outcome = await this.#deliverer.deliver(job, attempt, running.abort.signal);
    if (this.#running.get(job.id) !== running) return;
    if (outcome.kind === "busy" && this.#clock.now() + BUSY_RETRY_MS < job.deadlineMs) {
      running.cancelRetry = this.#clock.after(BUSY_RETRY_MS, () => this.#try(job, attempt));
    } else if (outcome.kind === "retry") {
      running.cancelRetry = this.#clock.after(outcome.delayMs, () => this.#try(job, attempt + 1));
    } else if (this.#clock.now() >= job.deadlineMs) {
      this.#running.delete(job.id);
    } else {
      // Until its deadline it is known to have ended.
      running.isEnded = true;
    }
  }

  #onDeadline(id: string): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    if (running.isEnded) this.#running.delete(id);
    else running.abort.abort();
  }
}
