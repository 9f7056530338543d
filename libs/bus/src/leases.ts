import { LEASES_BUCKET } from "@monotreme/contracts";
import { messageOf } from "@monotreme/errors";
import type { KV, KvWatchEntry } from "@nats-io/kv";
import { nuid } from "@nats-io/transport-node";
import { BucketWatch } from "./bucket-watch.ts";
import type { Bus } from "./connect-bus.ts";
import { openBucket } from "./key-value.ts";

export interface LeasesOptions {
  /** A name for people, such as the service's; what tells two processes apart is added. */
  readonly holder: string;
  /** After this long without a sign of life a holder's leases may be taken by others. */
  readonly ttlMs: number;
  /** Replicas of the bucket. */
  readonly replicas: number;
}

export interface LeaseCallbacks {
  /** The lease is held from now on. */
  readonly onAcquired: () => void;
  /** The lease is not held any more; called before anybody else can hold it, unless the event loop was blocked. */
  readonly onLost: () => void;
  /** Asked before each attempt to take the lease; false leaves it to others for now. True when not given. */
  readonly mayAcquire?: () => boolean;
}

interface KeyState {
  readonly holder: string;
  readonly revision: number;
}

interface Heartbeat {
  readonly revision: number;
  readonly ttlMs: number;
  readonly seenAtMs: number;
}

const HOLDER_PREFIX = "holder.";
const KEY_PREFIX = "lease.";

/** Renewed three times a lease; whoever could not for two thirds of it gives up, a third before others may take over. */
const RENEWALS_PER_TTL = 3;
const VALID_SHARE = 2 / 3;
const TICKS_PER_TTL = 12;
/** Said by a process that ends: over as soon as it is heard. */
const GONE_TTL_MS = 1;

/**
 * One process' leases over the bucket `leases`. The process renews one key of its own, whatever the number of leases,
 * and each lease is a key that names its holder and changes by compare-and-set only. A holder counts as gone when its
 * own key has not changed for its ttl on the observer's monotonic clock, so clocks need not agree. Works with
 * nats-server 2.9 (no expiry of single keys).
 */
export class Leases {
  readonly #bus: Bus;
  readonly #kv: KV;
  readonly #watch: BucketWatch;
  readonly #ttlMs: number;
  /** Unique to this process' life: a restarted process is somebody else. */
  readonly id: string;
  readonly #keys = new Map<string, KeyState>();
  readonly #heartbeats = new Map<string, Heartbeat>();
  readonly #leases = new Map<string, Lease>();
  #timer: NodeJS.Timeout | undefined;
  #validUntilMs = Number.NEGATIVE_INFINITY;
  #lastRenewalMs = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | undefined;

  private constructor(bus: Bus, kv: KV, options: LeasesOptions) {
    this.#bus = bus;
    this.#kv = kv;
    this.#ttlMs = options.ttlMs;
    this.id = `${options.holder.replaceAll(/[^\w-]/g, "_")}-${nuid.next()}`;
    this.#watch = new BucketWatch(bus, kv, {
      onEntry: (entry) => this.#onEntry(entry),
      onMissing: (key) => this.#onMissing(key),
    });
  }

  /** Opens the bucket, creating it where needed, and loads who holds what. */
  static async open(bus: Bus, options: LeasesOptions): Promise<Leases> {
    const leases = new Leases(bus, await openBucket(bus, LEASES_BUCKET, options.replicas), options);
    await leases.#watch.start();
    await leases.#renew();
    leases.#timer = setInterval(() => leases.#tick(), options.ttlMs / TICKS_PER_TTL);
    return leases;
  }

  /** Wants a lease from now on, until its `release`. Keys are of `[-/_=.a-zA-Z0-9]`; one lease a key and process. */
  keep(key: string, callbacks: LeaseCallbacks): Lease {
    if (this.#leases.has(key)) throw new Error(`the lease ${key} is kept already`);
    const lease = new Lease(this, key, callbacks);
    this.#leases.set(key, lease);
    queueMicrotask(() => void this.#attempt(lease));
    return lease;
  }

  /** Id of the process that holds the key, as far as it is known; it may be dead for up to its ttl. */
  holderOf(key: string): string | undefined {
    return this.#keys.get(key)?.holder;
  }

  /** Ids of the processes that were alive within their ttl, this one included. */
  get aliveHolders(): readonly string[] {
    const now = performance.now();
    const alive: string[] = [];
    for (const [holder, beat] of this.#heartbeats) if (now - beat.seenAtMs < beat.ttlMs) alive.push(holder);
    return alive;
  }

  /** Releases every lease, so that others take over at once; idempotent. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** For {@link Lease}: this process has shown that it lives recently enough. */
  get isAlive(): boolean {
    return performance.now() < this.#validUntilMs;
  }

  /** For {@link Lease}. */
  async release(lease: Lease): Promise<void> {
    this.#leases.delete(lease.key);
    const { heldRevision } = lease;
    lease.lose();
    if (heldRevision === undefined) return;
    try {
      await this.#kv.delete(KEY_PREFIX + lease.key, { previousSeq: heldRevision });
    } catch (error) {
      // Without the deletion others take over after the ttl.
      this.#bus.logger.debug({ reason: messageOf(error), lease: lease.key }, "lease not released");
    }
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#leases.values()].map(async (lease) => lease.release()));
    this.#validUntilMs = Number.NEGATIVE_INFINITY;
    await this.#watch.close();
    await this.#sayGoodbye();
  }

  /** The others count this process as gone at once, and sweep its key; they would not hear of its removal. */
  async #sayGoodbye(): Promise<void> {
    try {
      await this.#kv.put(HOLDER_PREFIX + this.id, JSON.stringify({ ttlMs: GONE_TTL_MS }), { timeout: this.#ttlMs / 2 });
    } catch (error) {
      this.#bus.logger.debug({ reason: messageOf(error) }, "end of leases not told");
    }
  }

  #tick(): void {
    const now = performance.now();
    if (now - this.#lastRenewalMs >= this.#ttlMs / RENEWALS_PER_TTL) void this.#renew();
    for (const lease of this.#leases.values()) {
      if (lease.heldRevision === undefined) void this.#attempt(lease);
      else if (now >= this.#validUntilMs) lease.lose();
    }
    for (const [holder, beat] of this.#heartbeats) {
      if (now - beat.seenAtMs > 20 * beat.ttlMs && holder !== this.id) this.#sweep(holder);
    }
  }

  /** Shows that this process lives; never rejects. Counts from before it was sent: others see it later than that. */
  async #renew(): Promise<void> {
    const sentAtMs = performance.now();
    this.#lastRenewalMs = sentAtMs;
    try {
      await this.#kv.put(HOLDER_PREFIX + this.id, JSON.stringify({ ttlMs: this.#ttlMs }), { timeout: this.#ttlMs / 2 });
      this.#validUntilMs = Math.max(this.#validUntilMs, sentAtMs + this.#ttlMs * VALID_SHARE);
    } catch (error) {
      this.#bus.logger.warn({ reason: messageOf(error) }, "sign of life for leases not written");
    }
  }

  async #attempt(lease: Lease): Promise<void> {
    if (lease.isBusy || lease.heldRevision !== undefined || !this.isAlive || this.#closing !== undefined) return;
    if (!this.#isFree(lease.key) || !lease.mayAcquire) return;
    lease.isBusy = true;
    try {
      await this.#take(lease);
    } catch (error) {
      this.#bus.logger.debug({ reason: messageOf(error), lease: lease.key }, "lease not taken");
      await this.#refresh(lease.key);
    } finally {
      lease.isBusy = false;
    }
  }

  async #take(lease: Lease): Promise<void> {
    const key = KEY_PREFIX + lease.key;
    const state = this.#keys.get(lease.key);
    const value = JSON.stringify({ holder: this.id });
    const revision =
      state === undefined ? await this.#kv.create(key, value) : await this.#kv.update(key, value, state.revision);
    const isWanted = this.#leases.get(lease.key) === lease;
    const isOvertaken = (this.#keys.get(lease.key)?.revision ?? 0) > revision;
    if (!isWanted || isOvertaken || !this.isAlive) {
      if (!isWanted) await this.#kv.delete(key, { previousSeq: revision });
      return;
    }
    this.#keys.set(lease.key, { holder: this.id, revision });
    lease.acquire(revision);
  }

  #isFree(key: string): boolean {
    const state = this.#keys.get(key);
    if (state === undefined || state.holder === this.id) return true;
    const beat = this.#heartbeats.get(state.holder);
    return beat === undefined || performance.now() - beat.seenAtMs >= Math.max(beat.ttlMs, this.#ttlMs);
  }

  /** After a refused or unanswered change: what stands in the bucket now; the watch may lag. */
  async #refresh(key: string): Promise<void> {
    try {
      const entry = await this.#kv.get(KEY_PREFIX + key);
      if (entry === null) this.#keys.delete(key);
      else this.#applyKey(key, entry.operation === "PUT" ? holderFrom(entry.string()) : undefined, entry.revision);
    } catch (error) {
      this.#bus.logger.debug({ reason: messageOf(error), lease: key }, "lease not read");
    }
  }

  #onEntry(entry: KvWatchEntry): void {
    if (entry.key.startsWith(HOLDER_PREFIX)) {
      const holder = entry.key.slice(HOLDER_PREFIX.length);
      if (entry.operation !== "PUT") this.#heartbeats.delete(holder);
      else this.#applyHeartbeat(holder, ttlFrom(entry.string()) ?? this.#ttlMs, entry.revision);
    } else if (entry.key.startsWith(KEY_PREFIX)) {
      const holder = entry.operation === "PUT" ? holderFrom(entry.string()) : undefined;
      this.#applyKey(entry.key.slice(KEY_PREFIX.length), holder, entry.revision);
    }
  }

  #onMissing(key: string): void {
    if (key.startsWith(HOLDER_PREFIX)) this.#heartbeats.delete(key.slice(HOLDER_PREFIX.length));
    else if (key.startsWith(KEY_PREFIX)) this.#keys.delete(key.slice(KEY_PREFIX.length));
  }

  #applyHeartbeat(holder: string, ttlMs: number, revision: number): void {
    if ((this.#heartbeats.get(holder)?.revision ?? 0) >= revision) return;
    this.#heartbeats.set(holder, { revision, ttlMs, seenAtMs: performance.now() });
    if (ttlMs !== GONE_TTL_MS) return;
    // Who waited for a share of what that process held need not wait for the next tick.
    setTimeout(() => {
      if (this.#closing === undefined) this.#tick();
    }, 2 * GONE_TTL_MS).unref();
  }

  #applyKey(key: string, holder: string | undefined, revision: number): void {
    const known = this.#keys.get(key);
    if (known !== undefined && known.revision >= revision) return;
    if (holder === undefined) this.#keys.delete(key);
    else this.#keys.set(key, { holder, revision });
    const lease = this.#leases.get(key);
    if (lease === undefined) return;
    if (lease.heldRevision !== undefined && lease.heldRevision < revision && holder !== this.id) lease.lose();
    if (holder === undefined) void this.#attempt(lease);
  }

  /** Removes the key of a process long gone, once nothing names it any more. */
  #sweep(holder: string): void {
    for (const state of this.#keys.values()) if (state.holder === holder) return;
    this.#heartbeats.delete(holder);
    void this.#forgetHolder(holder);
  }

  /** Leaves no marker of deletion behind: there is a new key for every start of a process. */
  async #forgetHolder(holder: string): Promise<void> {
    try {
      const filter = `$KV.${LEASES_BUCKET}.${HOLDER_PREFIX}${holder}`;
      await this.#bus.manager.streams.purge(`KV_${LEASES_BUCKET}`, { filter });
    } catch (error) {
      this.#bus.logger.debug({ reason: messageOf(error) }, "sign of life not removed");
    }
  }
}

/** One lease that this process wants; it may be held, lost and held again any number of times until `release`. */
export class Lease {
  readonly key: string;
  readonly #leases: Leases;
  readonly #callbacks: LeaseCallbacks;
  /** For {@link Leases}: an attempt is under way. */
  isBusy = false;
  #heldRevision: number | undefined;

  constructor(leases: Leases, key: string, callbacks: LeaseCallbacks) {
    this.#leases = leases;
    this.key = key;
    this.#callbacks = callbacks;
  }

  /** Exact at any moment, also between `onLost` being due and being called. */
  get isHeld(): boolean {
    return this.#heldRevision !== undefined && this.#leases.isAlive;
  }

  /** Gives the lease up for good, so that others take over at once. `onLost` is called if it was held. */
  async release(): Promise<void> {
    await this.#leases.release(this);
  }

  /** For {@link Leases}. */
  get heldRevision(): number | undefined {
    return this.#heldRevision;
  }

  /** For {@link Leases}. */
  get mayAcquire(): boolean {
    return this.#callbacks.mayAcquire?.() ?? true;
  }

  /** For {@link Leases}. */
  acquire(revision: number): void {
    this.#heldRevision = revision;
    this.#callbacks.onAcquired();
  }

  /** For {@link Leases}. */
  lose(): void {
    if (this.#heldRevision === undefined) return;
    this.#heldRevision = undefined;
    this.#callbacks.onLost();
  }
}

function holderFrom(json: string): string | undefined {
  const value = fieldOf(json, "holder");
  return typeof value === "string" ? value : undefined;
}

function ttlFrom(json: string): number | undefined {
  const value = fieldOf(json, "ttlMs");
  return typeof value === "number" && value > 0 ? value : undefined;
}

function fieldOf(json: string, name: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  } catch {
    return undefined;
  }
}
