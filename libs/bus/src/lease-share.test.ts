import { expect, test, vi } from "vitest";
import type { LeaseCallbacks } from "./leases.ts";
import { LeaseShare, type ShareLease } from "./lease-share.ts";

/** Who holds what, without a server: members take what is free when `settle` asks them. */
class Table {
  readonly alive = new Set<string>();
  readonly #holders = new Map<string, string>();
  readonly #wishes = new Set<{ id: string; key: string; callbacks: LeaseCallbacks }>();

  leasesOf(id: string) {
    this.alive.add(id);
    const { alive } = this;
    return {
      id,
      get aliveHolders() {
        return [...alive];
      },
      keep: (key: string, callbacks: LeaseCallbacks) => this.#keep(id, key, callbacks),
    };
  }

  keysOf(id: string): string[] {
    return [...this.#holders].filter(([, holder]) => holder === id).map(([key]) => key);
  }

  /** Everybody who may takes one free key after the other. */
  settle(): void {
    for (const { id, key, callbacks } of this.#wishes) {
      if (this.#holders.has(key) || !this.alive.has(id) || callbacks.mayAcquire?.() === false) continue;
      this.#holders.set(key, id);
      callbacks.onAcquired();
    }
  }

  die(id: string): void {
    this.alive.delete(id);
    for (const key of this.keysOf(id)) this.#holders.delete(key);
  }

  #keep(id: string, key: string, callbacks: LeaseCallbacks): ShareLease {
    const wish = { id, key, callbacks };
    this.#wishes.add(wish);
    const holders = this.#holders;
    return {
      isBusy: false,
      get isHeld() {
        return holders.get(key) === id;
      },
      release: async () => {
        this.#wishes.delete(wish);
        if (holders.get(key) !== id) return;
        holders.delete(key);
        callbacks.onLost();
      },
    };
  }
}

const KEYS = Array.from({ length: 8 }, (_, i) => `p.${i}`);

function join(table: Table, id: string, handOver: (key: string) => Promise<void> = async () => undefined) {
  const onLost = vi.fn();
  const options = { leases: table.leasesOf(id), member: "m", onAcquired: vi.fn(), onLost, handOver };
  return { share: new LeaseShare({ ...options, intervalMs: 3_600_000 }, KEYS), onLost, onAcquired: options.onAcquired };
}

/** Until nothing moves any more. */
async function balance(table: Table, ...shares: LeaseShare[]): Promise<void> {
  for (let round = 0; round < 5; round++) {
    for (const share of shares) share.balance();
    for (let i = 0; i < 20; i++) await Promise.resolve();
    table.settle();
  }
}

test("lease share - a lone member holds everything, and others of other names do not count", async () => {
  const table = new Table();
  const { share } = join(table, "m-1");
  table.alive.add("ruler-1");
  await balance(table, share);
  expect(table.keysOf("m-1")).toEqual(KEYS);
});

test("lease share - members that come get as many as the others, and nothing moves then", async () => {
  const table = new Table();
  const first = join(table, "m-1");
  await balance(table, first.share);
  const others = ["m-2", "m-3"].map((id) => join(table, id).share);
  await balance(table, first.share, ...others);
  expect(["m-1", "m-2", "m-3"].map((id) => table.keysOf(id).length)).toEqual([3, 3, 2]);
  const lost = first.onLost.mock.calls.length;
  await balance(table, first.share, ...others);
  expect([lost, first.onLost.mock.calls.length]).toEqual([5, 5]);
});

test("lease share - the keys of a dead member are spread over the others", async () => {
  const table = new Table();
  const shares = ["m-1", "m-2", "m-3"].map((id) => join(table, id).share);
  await balance(table, ...shares);
  table.die("m-2");
  await balance(table, ...shares.filter((_, i) => i !== 1));
  expect([table.keysOf("m-1").length, table.keysOf("m-3").length]).toEqual([4, 4]);
});

test("lease share - a key passes on only when its work has ended", async () => {
  const table = new Table();
  let finish = (): void => undefined;
  const work = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const first = join(table, "m-1", async () => work);
  await balance(table, first.share);
  const second = join(table, "m-2");
  await balance(table, first.share, second.share);
  expect([table.keysOf("m-1").length, table.keysOf("m-2").length]).toEqual([8, 0]);
  finish();
  await balance(table, first.share, second.share);
  expect([table.keysOf("m-1").length, table.keysOf("m-2").length]).toEqual([4, 4]);
});

test("lease share - more members than keys: some have none", async () => {
  const table = new Table();
  const ids = Array.from({ length: 10 }, (_, i) => `m-${i}`);
  const shares = ids.map((id) => join(table, id).share);
  await balance(table, ...shares);
  expect(ids.map((id) => table.keysOf(id).length)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
});

test("lease share - close ends the work first, and takes nothing again", async () => {
  const table = new Table();
  const ended: string[] = [];
  const first = join(table, "m-1", async (key) => void ended.push(`${key} of ${table.keysOf("m-1").length}`));
  await balance(table, first.share);
  await first.share.close();
  table.settle();
  expect([ended.length, ended[0], table.keysOf("m-1")]).toEqual([8, "p.0 of 8", []]);
});
