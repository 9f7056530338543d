import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import type { LoadedCheck } from "../checks/check-store.ts";
import { deadlineMs } from "../checks/deadline.ts";
import type { HeartbeatMetrics } from "../metrics.ts";

export interface DeadlineKeeperOptions {
  /** Asks for these moments (epoch ms) to be announced; rejects while that is not possible. */
  readonly add: (dueMs: readonly number[]) => Promise<void>;
  /** Looks whether a check is past its deadline, and takes it down; called again later where it rejects. */
  readonly look: (checkId: string) => Promise<void>;
  readonly checks: () => Iterable<LoadedCheck>;
  readonly metrics: HeartbeatMetrics;
  readonly logger: Logger;
  readonly now: () => number;
}

/** Deadlines within so long share a moment, so the queue is small however many checks there are. */
const SLOT_MS = 100;
const BATCH = 1000;
const RETRY_MS = 250;
/** What the queue has not announced after so long is looked at without it: Redis may be away. */
const PATIENCE_MS = 500;
/** A clock that went further than this at once was set; then all moments are gone through. */
const LONGEST_STRIDE_MS = 3_600_000;
/** Checks that are looked at at once. */
const LOOKS_AT_ONCE = 256;

/**
 * Sees to it that every check that has a deadline is looked at right after it: announced by the queue, by which one of
 * all replicas does it, and without it where half a second has passed and nothing was announced. A deadline that moves further
 * away, as with every ping, costs nothing: the look at the old one finds that it is too early and takes note of the new
 * one. Waits at most one deadline a check.
 */
export class DeadlineKeeper {
  readonly #options: DeadlineKeeperOptions;
  /** The moment at which a check will be looked at. */
  readonly #slotOf = new Map<string, number>();
  readonly #slots = new Map<number, Set<string>>();
  /** Moments that are not in the queue yet. */
  readonly #unasked = new Set<number>();
  /** Checks that are to be looked at now. */
  readonly #due = new Set<string>();
  #asking: Promise<void> | undefined;
  readonly #lookers = new Set<Promise<void>>();
  readonly #watchdog: NodeJS.Timeout;
  /** All moments up to this one are over; never ahead of the clock, also of one that was set back. */
  #overMs: number;
  #isClosed = false;

  constructor(options: DeadlineKeeperOptions) {
    this.#options = options;
    this.#overMs = Math.floor(options.now() / SLOT_MS) * SLOT_MS;
    this.#watchdog = setInterval(() => this.#lookUpTo(options.now() - PATIENCE_MS), SLOT_MS);
  }

  /** Takes note of a check as it is now. */
  watch(check: LoadedCheck): void {
    const { id } = check.definition;
    const due = deadlineMs(check.state, check.timing);
    if (due === undefined) return;
    if (due <= this.#options.now()) {
      this.#lookAt([id]);
      return;
    }
    const slot = Math.ceil(due / SLOT_MS) * SLOT_MS;
    const armed = this.#slotOf.get(id);
    if (armed !== undefined && armed <= slot) return;
    this.#move(id, slot);
  }

  forget(checkId: string): void {
    const slot = this.#slotOf.get(checkId);
    this.#slotOf.delete(checkId);
    if (slot !== undefined) this.#slots.get(slot)?.delete(checkId);
    this.#due.delete(checkId);
  }

  /** A moment that was asked for has come; resolves when all checks of it, and of any before it, have been looked at. */
  async cameDue(dueMs: number): Promise<void> {
    this.#lookUpTo(dueMs);
    await Promise.all(this.#lookers);
  }

  /** Some checks are past their deadline and not down yet. */
  get isLate(): boolean {
    return this.#due.size > 0;
  }

  /** What was in the queue may be gone: asks for everything again, which does no harm to what is still there. */
  rearmAll(): void {
    this.#options.metrics.deadlinesRearmed.inc();
    this.#slots.clear();
    this.#slotOf.clear();
    for (const check of this.#options.checks()) this.watch(check);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#watchdog);
    await Promise.all([this.#asking, ...this.#lookers]);
  }

  #move(id: string, slot: number): void {
    const before = this.#slotOf.get(id);
    if (before !== undefined) this.#slots.get(before)?.delete(id);
    this.#slotOf.set(id, slot);
    const ids = this.#slots.get(slot);
    if (ids !== undefined) {
      ids.add(id);
      return;
    }
    this.#slots.set(slot, new Set([id]));
    this.#unasked.add(slot);
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
  }

  async #ask(): Promise<void> {
    // Those that come in the same moment go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#unasked.size > 0 && !this.#isClosed) {
      const batch = [...this.#unasked].slice(0, BATCH);
      try {
        await this.#options.add(batch);
        for (const slot of batch) this.#unasked.delete(slot);
        this.#options.metrics.deadlinesArmed.inc(batch.length);
      } catch (error) {
        this.#options.metrics.deadlineFailures.inc(batch.length);
        this.#options.logger.warn(
          { reason: messageOf(error), moments: this.#unasked.size },
          "deadlines wait for Redis",
        );
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  #lookUpTo(untilMs: number): void {
    const isSet = Math.abs(untilMs - this.#overMs) > LONGEST_STRIDE_MS;
    const over = isSet ? [...this.#slots.keys()].filter((slot) => slot <= untilMs) : this.#momentsUpTo(untilMs);
    const clockMs = Math.floor(this.#options.now() / SLOT_MS) * SLOT_MS;
    this.#overMs = Math.min(clockMs, isSet ? untilMs : Math.max(this.#overMs, ...over));
    for (const slot of over) {
      const ids = this.#slots.get(slot);
      if (ids === undefined) continue;
      this.#slots.delete(slot);
      for (const id of ids) this.#slotOf.delete(id);
      this.#lookAt(ids);
    }
  }

  #momentsUpTo(untilMs: number): number[] {
    const moments: number[] = [];
    for (let slot = Math.floor(this.#overMs / SLOT_MS) * SLOT_MS + SLOT_MS; slot <= untilMs; slot += SLOT_MS)
      moments.push(slot);
    return moments;
  }

  #lookAt(ids: Iterable<string>): void {
    for (const id of ids) this.#due.add(id);
    // As many as there is work for, however the checks come: at a start one by one.
    while (this.#lookers.size < Math.min(LOOKS_AT_ONCE, this.#due.size)) {
      const looker = this.#lookInTurn().finally(() => this.#lookers.delete(looker));
      this.#lookers.add(looker);
    }
  }

  async #lookInTurn(): Promise<void> {
    // Lets those join that come in the same moment.
    await new Promise((resolve) => setImmediate(resolve));
    for (;;) {
      const [id] = this.#due;
      if (id === undefined || this.#isClosed) return;
      this.#due.delete(id);
      try {
        await this.#options.look(id);
      } catch (error) {
        this.#options.logger.warn({ reason: messageOf(error), check: id }, "deadline not noted, trying again");
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        this.#due.add(id);
      }
    }
  }
}
