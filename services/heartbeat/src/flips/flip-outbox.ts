import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import type { Flip } from "../checks/check.ts";
import type { CheckStore, LoadedCheck } from "../checks/check-store.ts";
import type { HeartbeatMetrics } from "../metrics.ts";

/** Somebody who is told of flips; being told twice of one must not matter. */
export interface FlipListener {
  readonly name: "alerts" | "events" | "history" | "channels";
  /** People wait for it: it is told before all that is not, of other checks too. */
  readonly isUrgent: boolean;
  /** Resolves when it is in safe hands. */
  take(check: LoadedCheck, flip: Flip): Promise<void>;
}

export interface FlipOutboxOptions {
  readonly store: CheckStore;
  readonly listeners: readonly FlipListener[];
  /** Something else is urgent: what is only tidying up waits. */
  readonly isBusy: () => boolean;
  readonly metrics: HeartbeatMetrics;
  readonly logger: Logger;
}

const RETRY_MS = 1000;
const CROSSED_OUT_AT_ONCE = 64;
/** How soon it is looked again whether something else is urgent. */
const BUSY_MS = 20;

/**
 * Hands the flips of checks on, oldest first, and crosses them out when every listener has them. They stand in the check
 * itself until then, so a crash at any point repeats at most, and loses none. Holds one entry a check.
 */
export class FlipOutbox {
  readonly #options: FlipOutboxOptions;
  readonly #running = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  /** Who waits to be crossed out, and how many are being. */
  readonly #queue: (() => void)[] = [];
  #crossing = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FlipOutboxOptions) {
    this.#options = options;
  }

  /** Takes note of a check as it is now. */
  watch(check: LoadedCheck): void {
    const { id } = check.definition;
    if (check.unsentFlips.length === 0 || this.#running.has(id) || this.#stop.signal.aborted) return;
    const running = this.#handOn(id).finally(() => {
      this.#running.delete(id);
      const now = this.#options.store.get(id);
      if (now !== undefined) this.watch(now);
    });
    this.#running.set(id, running);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#crossNext();
    await Promise.all(this.#running.values());
  }

  /** Never rejects. */
  async #handOn(id: string): Promise<void> {
    const { store, listeners } = this.#options;
    const check = store.get(id);
    if (check === undefined) return;
    const flips = check.unsentFlips;
    const urgent = listeners.filter(({ isUrgent }) => isUrgent);
    if (!(await this.#tell(urgent, check, flips))) return this.#pause();
    await this.#takePlace();
    const others = listeners.filter(({ isUrgent }) => !isUrgent);
    const isTold = await this.#tell(others, check, flips);
    if (isTold) await this.#crossOut(id, flips);
    this.#crossing--;
    this.#crossNext();
    if (!isTold) await this.#pause();
  }

  /** Whether all of them have the flips. */
  async #tell(listeners: readonly FlipListener[], check: LoadedCheck, flips: readonly Flip[]): Promise<boolean> {
    const { metrics, logger } = this.#options;
    for (const listener of listeners) {
      try {
        for (const flip of flips) await listener.take(check, flip);
      } catch (error) {
        const { id } = check.definition;
        metrics.handOverFailures.inc({ to: listener.name });
        logger.warn({ reason: messageOf(error), check: id, to: listener.name }, "flip not handed on, trying again");
        return false;
      }
    }
    return true;
  }

  async #takePlace(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#queue.push(resolve);
      this.#crossNext();
    });
  }

  /** Of a thousand checks that go down at once the last is to be told of before the first is crossed out. */
  #crossNext(): void {
    if (this.#timer !== undefined && !this.#stop.signal.aborted) return;
    while (this.#queue.length > 0 && this.#crossing < CROSSED_OUT_AT_ONCE) {
      if (this.#options.isBusy() && !this.#stop.signal.aborted) {
        this.#timer = setTimeout(() => {
          this.#timer = undefined;
          this.#crossNext();
        }, BUSY_MS);
        return;
      }
      this.#crossing++;
      this.#queue.shift()?.();
    }
  }

  /** Never rejects. */
  async #crossOut(id: string, sent: readonly Flip[]): Promise<void> {
    const { store, metrics, logger } = this.#options;
    try {
      let crossedOut: readonly Flip[] = [];
      await store.update(id, (check) => {
        // A replica may have been quicker.
        crossedOut = check.unsentFlips.filter((flip) => sent.some((each) => isSame(each, flip)));
        const unsentFlips = check.unsentFlips.filter((flip) => !crossedOut.includes(flip));
        return crossedOut.length === 0 ? undefined : { ...check, unsentFlips };
      });
      for (const flip of crossedOut) metrics.flips.inc({ reason: reasonOf(flip) });
    } catch (error) {
      logger.warn({ reason: messageOf(error), check: id }, "flips not crossed out, trying again");
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#stop.signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, RETRY_MS);
      this.#stop.signal.addEventListener("abort", end, { once: true });
    });
  }
}

function isSame(a: Flip, b: Flip): boolean {
  return a.atMs === b.atMs && a.from === b.from && a.to === b.to;
}

function reasonOf({ to, reason }: Flip): string {
  if (reason !== "") return reason;
  return to === "up" ? "ping" : "person";
}
