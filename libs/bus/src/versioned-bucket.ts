import type { KV, KvEntry } from "@nats-io/kv";
import { BucketWatch } from "./bucket-watch.ts";
import type { Bus } from "./connect-bus.ts";
import { bucketStream, openBucket } from "./key-value.ts";
import { translateBusError } from "./translate-error.ts";
import { isWriteConflict } from "./write-conflict.ts";

/** One change of a bucket, also of our own making; a revision grows with every change of any key. */
export interface BucketEntry {
  readonly key: string;
  /** Undefined: the key is gone. */
  readonly value: Uint8Array | undefined;
  readonly revision: number;
}

/** Values that several processes change by compare-and-set, and that each of them follows. */
export interface VersionedBucket {
  /** Hands over everything that is kept, resolves, and goes on with every change until the bucket closes. */
  follow(onEntry: (entry: BucketEntry) => void): Promise<void>;
  /** Writes where the key's last revision is the one given (0: there is none); otherwise undefined, and nothing changed. */
  put(key: string, value: Uint8Array, lastRevision: number): Promise<number | undefined>;
  /** The value of now, from the server itself. */
  get(key: string): Promise<BucketEntry | undefined>;
  /**
   * Removes the key. A small marker stays, by which those who follow learn of it at once; where removal is traceless
   * they learn of it only after the next fault of the connection.
   */
  remove(key: string): Promise<void>;
  close(): Promise<void>;
}

export interface VersionedBucketOptions {
  /** Removed keys leave nothing behind, where markers would gather for ever; not given: a small marker each. */
  readonly isRemovalTraceless?: boolean;
}

/** Opens a bucket of JetStream's key-value store, creating it where it does not exist. */
export async function openVersionedBucket(
  bus: Bus,
  name: string,
  replicas: number,
  options: VersionedBucketOptions = {},
): Promise<VersionedBucket> {
  const kv = await openBucket(bus, name, replicas);
  return new NatsVersionedBucket({ bus, name, kv, isRemovalTraceless: options.isRemovalTraceless ?? false });
}

/** What JetStream's key-value store takes as a key. */
const KEY = /^[-/=\w]+(?:\.[-/=\w]+)*$/;

interface OpenedBucket {
  readonly bus: Bus;
  readonly name: string;
  readonly kv: KV;
  readonly isRemovalTraceless: boolean;
}

class NatsVersionedBucket implements VersionedBucket {
  readonly #bus: Bus;
  readonly #name: string;
  readonly #kv: KV;
  readonly #isRemovalTraceless: boolean;
  #watch: BucketWatch | undefined;

  constructor({ bus, name, kv, isRemovalTraceless }: OpenedBucket) {
    this.#bus = bus;
    this.#name = name;
    this.#kv = kv;
    this.#isRemovalTraceless = isRemovalTraceless;
  }

  async follow(onEntry: (entry: BucketEntry) => void): Promise<void> {
    this.#watch = new BucketWatch(this.#bus, this.#kv, {
      onEntry: (entry) => onEntry(bucketEntryOf(entry)),
      onMissing: (key) => onEntry({ key, value: undefined, revision: Number.POSITIVE_INFINITY }),
    });
    await this.#watch.start();
  }

  async put(key: string, value: Uint8Array, lastRevision: number): Promise<number | undefined> {
    try {
      if (!KEY.test(key)) throw new Error(`no key of a bucket: ${key}`);
      return await this.#bus.publisher.publish(`$KV.${this.#name}.${key}`, value, { lastSequence: lastRevision });
    } catch (error) {
      if (isWriteConflict(error)) return undefined;
      throw translateBusError(error, `write ${this.#name}`);
    }
  }

  async get(key: string): Promise<BucketEntry | undefined> {
    try {
      const entry = await this.#kv.get(key);
      return entry === null ? undefined : bucketEntryOf(entry);
    } catch (error) {
      throw translateBusError(error, `read ${this.#name}`);
    }
  }

  async remove(key: string): Promise<void> {
    try {
      if (this.#isRemovalTraceless) await this.#purge(key);
      else await this.#kv.delete(key);
    } catch (error) {
      throw translateBusError(error, `remove from ${this.#name}`);
    }
  }

  async close(): Promise<void> {
    await this.#watch?.close();
  }

  async #purge(key: string): Promise<void> {
    const filter = `$KV.${this.#name}.${key}`;
    await this.#bus.manager.streams.purge(bucketStream(this.#name), { filter });
  }
}

function bucketEntryOf({ key, operation, value, revision }: KvEntry): BucketEntry {
  return { key, value: operation === "PUT" ? value : undefined, revision };
}
