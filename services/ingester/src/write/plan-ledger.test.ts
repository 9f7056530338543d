import { expect, test } from "vitest";
import { PlanLedger, type PlanStorage } from "./plan-ledger.ts";

/** Keeps the value as the bucket does: a write needs the revision that it replaces. */
class MemoryStorage implements PlanStorage {
  #bytes: Uint8Array | undefined;
  #revision = 0;

  async read(): Promise<{ bytes: Uint8Array; revision: number } | undefined> {
    return this.#bytes === undefined ? undefined : { bytes: this.#bytes, revision: this.#revision };
  }

  async write(bytes: Uint8Array, revision: number): Promise<number> {
    if (revision !== this.#revision) throw new Error("wrong last sequence");
    this.#bytes = bytes;
    return ++this.#revision;
  }
}

const plan = (...sequences: number[]) => ({ sequences });

test("plan ledger - the next owner finds the last plans", async () => {
  const storage = new MemoryStorage();
  const ledger = new PlanLedger(storage);
  await ledger.load();
  for (let i = 1; i <= 6; i++) await ledger.record(plan(i * 10, i * 10 + 1));
  const next = new PlanLedger(storage);
  await next.load();
  expect(next.plans).toEqual([plan(30, 31), plan(40, 41), plan(50, 51), plan(60, 61)]);
  expect(next.planOf(51)).toEqual(plan(50, 51));
  expect(next.planOf(52)).toBeUndefined();
});

test("plan ledger - two owners do not overwrite each other's plans", async () => {
  const storage = new MemoryStorage();
  const [one, other] = [new PlanLedger(storage), new PlanLedger(storage)];
  await one.record(plan(1));
  await expect(other.record(plan(2))).rejects.toThrow("wrong last sequence");
  await other.load();
  await other.record(plan(2));
  expect(other.plans).toEqual([plan(1), plan(2)]);
});

test("plan ledger - a plan written twice stands there once", async () => {
  const ledger = new PlanLedger(new MemoryStorage());
  await ledger.record(plan(1, 2));
  await ledger.record(plan(1, 2));
  expect(ledger.plans).toEqual([plan(1, 2)]);
});

test("plan ledger - remembers what is stored, and not without end", () => {
  const ledger = new PlanLedger(new MemoryStorage());
  for (let i = 0; i < 100; i++) ledger.settle(plan(i));
  expect([ledger.isSettled(99), ledger.isSettled(92), ledger.isSettled(91), ledger.isSettled(0)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
