import { AppError } from "@monotreme/errors";
import { decodePlans, encodePlans, type InsertPlan } from "./insert-plan.ts";
import { PartitionTakenError } from "./partition-taken-error.ts";

/** Where the plans of one partition are kept: one value with a revision. */
export interface PlanStorage {
  /** Undefined where nothing was written yet. May lag behind what was written last. */
  read(): Promise<{ readonly bytes: Uint8Array; readonly revision: number } | undefined>;
  /** Writes over the given revision (0 = nothing yet) and answers the new one; rejects where another came between. */
  write(bytes: Uint8Array, revision: number): Promise<number>;
}

export interface PlanLedgerOptions {
  readonly storage: PlanStorage;
  readonly partition: number;
  /** Tells this owner from every other one, earlier ones of the same process among them. */
  readonly owner: string;
}

/** A dead owner's last acknowledgements may be lost with the server that took them, so a few plans are kept. */
const KEPT_PLANS = 8;

/**
 * Messages whose acknowledgement got lost come back when their time is over, many batches later; of so many it is known
 * in memory that they are stored, and of those of the last plans in any case.
 */
const MAX_SETTLED_MESSAGES = 65_536;

/** The answer of a replica that does not have the last write yet. */
class StalePlansError extends AppError {
  constructor() {
    super("INGESTER_PLANS_STALE", "unavailable", "NATS answered with insert plans from before the last write");
  }
}

/**
 * What this partition's owner is about to insert, written down before it does so. Whoever gets the messages after a
 * crash finds out here which of them belong together. Every write is a compare-and-set under the owner's name: an owner
 * that was replaced while it slept can write nothing any more, and so inserts nothing that is not in its last plan.
 */
export class PlanLedger {
  readonly #options: PlanLedgerOptions;
  #plans: readonly InsertPlan[] = [];
  #revision = 0;
  #isClaimed = false;
  readonly #settled = new Set<number>();
  readonly #settledPlans: InsertPlan[] = [];

  constructor(options: PlanLedgerOptions) {
    this.#options = options;
  }

  get plans(): readonly InsertPlan[] {
    return this.#plans;
  }

  /** Takes the partition from its last owner, whose plans stay. To be repeated until it succeeds, before all else. */
  async claim(): Promise<void> {
    const { storage } = this.#options;
    const stored = await storage.read();
    const { plans } = decodePlans(stored?.bytes ?? new Uint8Array());
    await this.#write(plans, stored?.revision ?? 0);
    this.#isClaimed = true;
  }

  /** Writes a plan down. After a failure call `reload` before the next attempt. */
  async record(plan: InsertPlan): Promise<void> {
    const [first] = plan.sequences;
    const others = this.#plans.filter((known) => known.sequences[0] !== first);
    await this.#write([...others, plan].slice(-KEPT_PLANS), this.#revision);
  }

  /**
   * Reads what is written down now: a write whose answer was lost may have succeeded. Rejects with
   * `PartitionTakenError` where another owner has written.
   */
  async reload(): Promise<void> {
    const { storage, partition, owner } = this.#options;
    const stored = await storage.read();
    // Of a bucket that was lost nothing is left to wait for.
    if (stored !== undefined && stored.revision < this.#revision) throw new StalePlansError();
    const record = decodePlans(stored?.bytes ?? new Uint8Array());
    if (this.#isClaimed && stored !== undefined && record.owner !== owner) throw new PartitionTakenError(partition);
    this.#plans = record.plans;
    this.#revision = stored?.revision ?? 0;
  }

  /** The plan that a message belongs to. */
  planOf(sequence: number): InsertPlan | undefined {
    return this.#plans.find((plan) => plan.sequences.includes(sequence));
  }

  /** The plan's rows are stored: its messages need nothing but an acknowledgement. */
  settle(plan: InsertPlan): void {
    this.#settledPlans.push(plan);
    for (const sequence of plan.sequences) this.#settled.add(sequence);
    while (this.#settled.size > MAX_SETTLED_MESSAGES && this.#settledPlans.length > KEPT_PLANS) {
      for (const sequence of this.#settledPlans.shift()?.sequences ?? []) this.#settled.delete(sequence);
    }
  }

  isSettled(sequence: number): boolean {
    return this.#settled.has(sequence);
  }

  async #write(plans: readonly InsertPlan[], revision: number): Promise<void> {
    const { storage, owner } = this.#options;
    this.#revision = await storage.write(encodePlans({ owner, plans }), revision);
    this.#plans = plans;
  }
}
