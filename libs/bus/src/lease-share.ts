import type { Lease, LeaseCallbacks, Leases } from "./leases.ts";

export interface LeaseShareOptions {
  /** This process' leases; their holder's name begins with `member`. */
  readonly leases: Pick<Leases, "id" | "aliveHolders"> & { keep(key: string, callbacks: LeaseCallbacks): ShareLease };
  /** Those who share are the living holders of this name. */
  readonly member: string;
  /** The work on a key begins. */
  readonly onAcquired: (key: string) => void;
  /** The key is not ours any more, and somebody else may work on it at once. */
  readonly onLost: (key: string) => void;
  /** Ends the work on a key in order, for a member that came; another begins when this resolves. Never rejects. */
  readonly handOver: (key: string) => Promise<void>;
  /** How often the share is looked at anew. */
  readonly intervalMs?: number;
}

/** A lease as its share needs it. */
export type ShareLease = Pick<Lease, "isHeld" | "isBusy" | "release">;

interface SharedKey {
  lease: ShareLease;
  /** Grows with every key acquired: what came last is given away first. */
  acquired: number;
  isEnding: boolean;
}

const DEFAULT_INTERVAL_MS = 250;

/**
 * Spreads keys over the living members, each key held by one of them: as many to everybody, one more to those that come
 * first by id. Whoever has too many hands the surplus over, once its work has ended in order; the keys of a member that
 * died are taken when its leases run out. Sets of up to some thousand keys.
 */
export class LeaseShare {
  readonly #options: LeaseShareOptions;
  readonly #keys = new Map<string, SharedKey>();
  readonly #timer: NodeJS.Timeout;
  #acquisitions = 0;
  #closing: Promise<void> | undefined;

  constructor(options: LeaseShareOptions, keys: readonly string[]) {
    this.#options = options;
    for (const key of keys) this.add(key);
    this.#timer = setInterval(() => this.balance(), options.intervalMs ?? DEFAULT_INTERVAL_MS);
  }

  /** Shares one more key; harmless for one that is shared already. */
  add(key: string): void {
    if (this.#keys.has(key) || this.#closing !== undefined) return;
    this.#keys.set(key, { lease: this.#keep(key), acquired: 0, isEnding: false });
  }

  /** Whether this member may work on the key right now; exact at any moment. */
  isHeld(key: string): boolean {
    return this.#keys.get(key)?.lease.isHeld ?? false;
  }

  /** How many keys are this member's, with those who are alive now. */
  get quota(): number {
    const { leases, member } = this.#options;
    const members = leases.aliveHolders.filter((id) => id.startsWith(`${member}-`));
    if (!members.includes(leases.id)) members.push(leases.id);
    const rank = members.toSorted().indexOf(leases.id);
    const count = this.#keys.size;
    return Math.floor(count / members.length) + (rank < count % members.length ? 1 : 0);
  }

  /** Hands over what this member has too many of. Called by a timer; only tests need it. */
  balance(): void {
    const held = [...this.#keys].filter(([, shared]) => shared.lease.isHeld && !shared.isEnding);
    const surplus = held.length - this.quota;
    if (surplus <= 0 || this.#closing !== undefined) return;
    const latestFirst = held.toSorted(([, one], [, other]) => other.acquired - one.acquired);
    for (const [key, shared] of latestFirst.slice(0, surplus)) void this.#pass(key, shared);
  }

  /** Gives a key away whose work cannot go on; this member may get it again. */
  async giveUp(key: string): Promise<void> {
    const shared = this.#keys.get(key);
    if (shared !== undefined && !shared.isEnding) await this.#pass(key, shared);
  }

  /** Ends the work on all keys in order and releases them; resolves when others may begin. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#keys].map(async ([key, shared]) => this.#end(key, shared)));
  }

  async #pass(key: string, shared: SharedKey): Promise<void> {
    await this.#end(key, shared);
    if (this.#closing !== undefined) return;
    shared.lease = this.#keep(key);
    shared.isEnding = false;
  }

  async #end(key: string, shared: SharedKey): Promise<void> {
    shared.isEnding = true;
    if (shared.lease.isHeld) await this.#options.handOver(key);
    await shared.lease.release();
  }

  #keep(key: string): ShareLease {
    return this.#options.leases.keep(key, {
      onAcquired: () => {
        const shared = this.#keys.get(key);
        if (shared !== undefined) shared.acquired = ++this.#acquisitions;
        this.#options.onAcquired(key);
      },
      onLost: () => this.#options.onLost(key),
      mayAcquire: () => this.#mayAcquire(),
    });
  }

  /** Attempts under way count: several keys may become free at one moment. */
  #mayAcquire(): boolean {
    if (this.#closing !== undefined) return false;
    let taken = 0;
    for (const { lease } of this.#keys.values()) if (lease.isHeld || lease.isBusy) taken++;
    return taken < this.quota;
  }
}
