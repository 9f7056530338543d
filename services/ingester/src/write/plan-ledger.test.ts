import { expect, test } from "vitest";
import { PartitionTakenError } from "./partition-taken-error.ts";
import { PlanLedger, type PlanStorage } from "./plan-ledger.ts";

/** Keeps the value as the bucket does: a write needs the revision that it replaces. */
class MemoryStorage implements PlanStorage {
  #versions: { bytes: Uint8Array; revision: number }[] = [];
  /** Writes succeed, and their answers get lost. */
  losesAnswers = false;
  /** A replica that lacks so many of the last writes answers. */
  lag = 0;

  async read(): Promise<{ bytes: Uint8Array; revision: number } | undefined> {
    return this.#versions.at(-1 - this.lag);
  }

  async write(bytes: Uint8Array, revision: number): Promise<number> {
    const last = this.#versions.at(-1)?.revision ?? 0;
    if (revision !== last) throw new Error("wrong last sequence");
    this.#versions.push({ bytes, revision: last + 1 });
    if (this.losesAnswers) throw new Error("timeout");
    return last + 1;
  }

  forget(): void {
    this.#versions = [];
  }
}

const plan = (...sequences: number[]) => ({ sequences });
const ledgerOf = (storage: PlanStorage, owner: string) => new PlanLedger({ storage, partition: 3, owner });

test("plan ledger - the next owner finds the last plans", async () => {
  const storage = new MemoryStorage();
  const ledger = ledgerOf(storage, "one");
  await ledger.claim();
  for (let i = 1; i <= 10; i++) await ledger.record(plan(i * 10, i * 10 + 1));
  const next = ledgerOf(storage, "other");
  await next.claim();
  expect(next.plans).toEqual([3, 4, 5, 6, 7, 8, 9, 10].map((i) => plan(i * 10, i * 10 + 1)));
  expect(next.planOf(51)).toEqual(plan(50, 51));
  expect(next.planOf(52)).toBeUndefined();
});

test("plan ledger - an owner that was replaced writes nothing any more and hears why", async () => {
  const storage = new MemoryStorage();
  const [old, next] = [ledgerOf(storage, "old"), ledgerOf(storage, "next")];
  await old.claim();
  await old.record(plan(1));
  await next.claim();
  await expect(old.record(plan(2))).rejects.toThrow("wrong last sequence");
  await expect(old.reload()).rejects.toThrow(PartitionTakenError);
  await next.record(plan(2, 3));
  expect(next.plans).toEqual([plan(1), plan(2, 3)]);
});

test("plan ledger - a write whose answer was lost is found to be its own", async () => {
  const storage = new MemoryStorage();
  const ledger = ledgerOf(storage, "one");
  await ledger.claim();
  storage.losesAnswers = true;
  await expect(ledger.record(plan(1, 2))).rejects.toThrow("timeout");
  storage.losesAnswers = false;
  await ledger.reload();
  await ledger.record(plan(1, 2));
  expect(ledger.plans).toEqual([plan(1, 2)]);
});

test("plan ledger - the answer of a replica that lags is no other owner", async () => {
  const storage = new MemoryStorage();
  await ledgerOf(storage, "old").claim();
  const ledger = ledgerOf(storage, "one");
  await ledger.claim();
  storage.lag = 1;
  await expect(ledger.reload()).rejects.toThrow("before the last write");
  storage.lag = 0;
  await ledger.reload();
  await ledger.record(plan(1));
});

test("plan ledger - goes on after its bucket was lost", async () => {
  const storage = new MemoryStorage();
  const ledger = ledgerOf(storage, "one");
  await ledger.claim();
  await ledger.record(plan(1));
  storage.forget();
  await expect(ledger.record(plan(2))).rejects.toThrow("wrong last sequence");
  await ledger.reload();
  await ledger.record(plan(2));
  expect(ledger.plans).toEqual([plan(2)]);
});

test("plan ledger - a plan written twice stands there once", async () => {
  const ledger = ledgerOf(new MemoryStorage(), "one");
  await ledger.record(plan(1, 2));
  await ledger.record(plan(1, 2));
  expect(ledger.plans).toEqual([plan(1, 2)]);
});

test("plan ledger - remembers what is stored, and not without end", () => {
  const ledger = ledgerOf(new MemoryStorage(), "one");
  const thousand = (i: number) => plan(...Array.from({ length: 1000 }, (_, k) => i * 1000 + k));
  for (let i = 0; i < 100; i++) ledger.settle(thousand(i));
  expect([99_999, 35_000, 34_999, 0].map((sequence) => ledger.isSettled(sequence))).toEqual([true, true, false, false]);
});
