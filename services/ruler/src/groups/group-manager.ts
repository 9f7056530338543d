import type { Clock } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import { type GroupDefinition, groupKey } from "../evaluation/group-definition.ts";
import type { RuleGroup } from "../evaluation/rule-group.ts";
import type { AlertStateStore } from "../state/alert-state-store.ts";
import { GroupOwner, type GroupOwnerOptions } from "./group-owner.ts";
import type { GroupLease, GroupLeases } from "./group-leases.ts";
import { preferredMember } from "./preferred-member.ts";

export interface GroupManagerOptions extends GroupOwnerOptions {
  readonly leases: GroupLeases;
  readonly store: AlertStateStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Managed {
  readonly owner: GroupOwner;
  lease: GroupLease;
}

/** How often it is looked whether rulers have come or gone. */
const REBALANCE_MS = 1000;
/** A group that its preferred ruler does not take goes to any other after this long. */
const UNCLAIMED_MS = 15_000;
const ASK_PAUSE_MS = 3000;
/** How long a process that ends waits for evaluations under way. */
const CLOSE_WITHIN_MS = 3000;
/** Series of a removed group end after so many intervals, as upstream has it. */
const END_AFTER_INTERVALS = 2;

/** All groups that this process knows of; it evaluates those whose lease it holds, and shares them with other rulers. */
export class GroupManager {
  readonly #options: GroupManagerOptions;
  readonly #managed = new Map<string, Managed>();
  readonly #unclaimed = new Map<string, { readonly sinceMs: number; readonly askedMs: number }>();
  readonly #endTimers = new Set<() => void>();
  #members = "";
  #cancelTimer: () => void;
  #queue: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: GroupManagerOptions) {
    this.#options = options;
    this.#cancelTimer = options.clock.after(REBALANCE_MS, () => this.#tick());
  }

  /** The groups that are evaluated here. */
  get groups(): readonly RuleGroup[] {
    return [...this.#managed.values()].map(({ owner }) => owner.group).filter((group) => group !== undefined);
  }

  /** Takes the groups that there are from now on; what did not change goes on undisturbed. */
  async apply(definitions: readonly GroupDefinition[]): Promise<void> {
    const wanted = new Map(definitions.map((definition) => [groupKey(definition), definition]));
    const changes: Promise<void>[] = [];
    for (const key of this.#managed.keys()) if (!wanted.has(key)) changes.push(this.#remove(key));
    for (const [key, definition] of wanted) {
      const known = this.#managed.get(key);
      if (known === undefined) this.#add(key, definition);
      else changes.push(known.owner.change(definition));
    }
    await Promise.all(changes);
  }

  /** Gives all groups to other rulers; evaluations under way may end, but not for long. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    for (const cancel of this.#endTimers) cancel();
    const stopNow = (): void => {
      for (const { owner } of this.#managed.values()) owner.stopNow();
    };
    const cancelStop = this.#options.clock.after(CLOSE_WITHIN_MS, stopNow);
    await this.#queue;
    await Promise.all(
      [...this.#managed.values()].map(async ({ owner, lease }) => {
        await owner.release();
        await lease.release();
      }),
    );
    cancelStop();
  }

  #add(key: string, definition: GroupDefinition): void {
    const owner = new GroupOwner(key, definition, this.#options);
    this.#managed.set(key, { owner, lease: this.#keep(key, owner) });
  }

  #keep(key: string, owner: GroupOwner): GroupLease {
    return this.#options.leases.keep(`ruler.${key}`, {
      onAcquired: () => {
        this.#unclaimed.delete(key);
        owner.acquired();
      },
      onLost: () => owner.lost(),
      mayAcquire: () => this.#mayAcquire(key),
    });
  }

  /** The preferred ruler takes a group; the others only where that one does not. */
  #mayAcquire(key: string): boolean {
    if (this.#isPreferred(key)) return true;
    const nowMs = this.#options.clock.now();
    const known = this.#unclaimed.get(key);
    // Asked again and again while it is free; a pause means that somebody had it.
    const sinceMs = known === undefined || nowMs - known.askedMs > ASK_PAUSE_MS ? nowMs : known.sinceMs;
    this.#unclaimed.set(key, { sinceMs, askedMs: nowMs });
    return nowMs - sinceMs >= UNCLAIMED_MS;
  }

  #isPreferred(key: string): boolean {
    const { leases } = this.#options;
    return preferredMember(key, leases.members) === leases.id;
  }

  async #remove(key: string): Promise<void> {
    const managed = this.#managed.get(key);
    if (managed === undefined) return;
    this.#managed.delete(key);
    this.#unclaimed.delete(key);
    const { owner, lease } = managed;
    const group = await owner.remove();
    if (group !== undefined) {
      this.#endSeriesLater(group);
      const rules = group.rules.filter(({ rule }) => rule.kind === "alerting").map((rule) => rule.key);
      await this.#options.store
        .forget(key, rules)
        .catch((error: unknown) => this.#options.logger.warn({ reason: messageOf(error) }, "state not removed"));
    }
    await lease.release();
  }

  #endSeriesLater(group: RuleGroup): void {
    const { clock, logger } = this.#options;
    const cancel = clock.after(END_AFTER_INTERVALS * group.definition.intervalMs, () => {
      this.#endTimers.delete(cancel);
      // It may have come back in the meantime.
      if (this.#managed.has(group.key)) return;
      group
        .endSeries(clock.now())
        .catch((error: unknown) => logger.warn({ reason: messageOf(error) }, "series of a removed group not ended"));
    });
    this.#endTimers.add(cancel);
  }

  #tick(): void {
    if (this.#isClosed) return;
    this.#cancelTimer = this.#options.clock.after(REBALANCE_MS, () => this.#tick());
    const members = this.#options.leases.members.toSorted().join(" ");
    if (members === this.#members) return;
    this.#members = members;
    this.#queue = this.#queue.then(async () => this.#rebalance());
  }

  /** Hands over what other rulers are preferred for, each group after its evaluation; never rejects. */
  async #rebalance(): Promise<void> {
    const moves = [...this.#managed].map(async ([key, managed]) => {
      const { owner, lease } = managed;
      if (!lease.isHeld || this.#isPreferred(key)) return;
      await owner.release();
      await lease.release();
      if (this.#managed.get(key) === managed && !this.#isClosed) managed.lease = this.#keep(key, owner);
    });
    await Promise.allSettled(moves);
  }
}
