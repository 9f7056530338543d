import { decodePlans, encodePlans, type InsertPlan } from "./insert-plan.ts";

/** Where the plans of one partition are kept: one value with a revision. */
export interface PlanStorage {
  /** Undefined where nothing was written yet. */
  read(): Promise<{ readonly bytes: Uint8Array; readonly revision: number } | undefined>;
  /** Writes over the given revision (0 = nothing yet) and answers the new one; rejects where another came between. */
  write(bytes: Uint8Array, revision: number): Promise<number>;
}

/**
 * Acknowledgements can get lost with the server that took them, so the batches before the last one may come back as
 * well; this many are remembered.
 */
const KEPT_PLANS = 4;

/**
 * What this partition's owner is about to insert, written down before it does so. Whoever gets the messages after a
 * crash finds out here which of them belong together.
 */
export class PlanLedger {
  readonly #storage: PlanStorage;
  #plans: InsertPlan[] = [];
  #revision = 0;
  readonly #settled = new Map<number, InsertPlan>();
  #settledPlans: InsertPlan[] = [];

  constructor(storage: PlanStorage) {
    this.#storage = storage;
  }

  get plans(): readonly InsertPlan[] {
    return this.#plans;
  }

  /** Reads what is written down now. */
  async load(): Promise<void> {
    const stored = await this.#storage.read();
    this.#plans = stored === undefined ? [] : decodePlans(stored.bytes);
    this.#revision = stored?.revision ?? 0;
  }

  /** Writes a plan down. After a failure call `load` before the next attempt: another owner may have written. */
  async record(plan: InsertPlan): Promise<void> {
    const [first] = plan.sequences;
    const others = this.#plans.filter((known) => known.sequences[0] !== first);
    const plans = [...others, plan].slice(-KEPT_PLANS);
    this.#revision = await this.#storage.write(encodePlans(plans), this.#revision);
    this.#plans = plans;
  }

  /** The plan that a message belongs to. */
  planOf(sequence: number): InsertPlan | undefined {
    return this.#plans.find((plan) => plan.sequences.includes(sequence));
  }

  /** The plan's rows are stored: its messages need nothing but an acknowledgement. Remembered for the last few plans. */
  settle(plan: InsertPlan): void {
    this.#settledPlans.push(plan);
    for (const sequence of plan.sequences) this.#settled.set(sequence, plan);
    while (this.#settledPlans.length > KEPT_PLANS * 2) {
      for (const sequence of this.#settledPlans.shift()?.sequences ?? []) this.#settled.delete(sequence);
    }
  }

  isSettled(sequence: number): boolean {
    return this.#settled.has(sequence);
  }
}
