import { type Bus, BucketWatch, openBucket, translateBusError } from "@monotreme/bus";
import type { KV, KvEntry } from "@nats-io/kv";
import type { BucketEntry, SilenceBucket } from "./silence-bucket.ts";
import { isWriteConflict } from "./write-conflict.ts";

const BUCKET = "silences";

/** The bucket `silences` of JetStream's key-value store; the key is the silence's id. */
export class NatsSilenceBucket implements SilenceBucket {
  readonly #bus: Bus;
  readonly #kv: KV;
  #watch: BucketWatch | undefined;

  private constructor(bus: Bus, kv: KV) {
    this.#bus = bus;
    this.#kv = kv;
  }

  static async open(bus: Bus, replicas: number): Promise<NatsSilenceBucket> {
    return new NatsSilenceBucket(bus, await openBucket(bus, BUCKET, replicas));
  }

  async follow(onEntry: (entry: BucketEntry) => void): Promise<void> {
    this.#watch = new BucketWatch(this.#bus, this.#kv, {
      onEntry: (entry) => onEntry(bucketEntryOf(entry)),
      onMissing: (id) => onEntry({ id, value: undefined, revision: Number.POSITIVE_INFINITY }),
    });
    await this.#watch.start();
  }

  async put(id: string, value: Uint8Array, lastRevision: number): Promise<number | undefined> {
    try {
      return await this.#kv.put(id, value, { previousSeq: lastRevision });
    } catch (error) {
      if (isWriteConflict(error)) return undefined;
      throw translateBusError(error, "write a silence");
    }
  }

  async get(id: string): Promise<BucketEntry | undefined> {
    try {
      const entry = await this.#kv.get(id);
      return entry === null ? undefined : bucketEntryOf(entry);
    } catch (error) {
      throw translateBusError(error, "read a silence");
    }
  }

  async remove(id: string): Promise<void> {
    try {
      // A deletion would leave a marker for every silence there ever was.
      await this.#bus.manager.streams.purge(`KV_${BUCKET}`, { filter: `$KV.${BUCKET}.${id}` });
    } catch (error) {
      throw translateBusError(error, "remove a silence");
    }
  }

  async close(): Promise<void> {
    await this.#watch?.close();
  }
}

function bucketEntryOf({ key, operation, value, revision }: KvEntry): BucketEntry {
  return { id: key, value: operation === "PUT" ? value : undefined, revision };
}
