import { type Bus, isWriteConflict, translateBusError, untilAvailable } from "@monotreme/bus";
import { type KV, Kvm } from "@nats-io/kv";
import type { TokenBucket } from "./token-bucket.ts";

const BUCKET = "silence_tokens";
/** When the bucket is full no token can be made, and buttons open the form instead. */
const MAX_BYTES = 32 * 2 ** 20;
const NANOSECONDS_PER_MS = 1_000_000;

/** The bucket `silence_tokens` of JetStream's key-value store, which forgets what is older than a lifetime. */
export class NatsTokenBucket implements TokenBucket {
  readonly #kv: KV;

  private constructor(kv: KV) {
    this.#kv = kv;
  }

  static async open(
    bus: Bus,
    { replicas, lifetimeMs }: { readonly replicas: number; readonly lifetimeMs: number },
  ): Promise<NatsTokenBucket> {
    return untilAvailable(bus, `open bucket ${BUCKET}`, async () => {
      const limits = { history: 1, replicas, ttl: lifetimeMs, max_bytes: MAX_BYTES };
      const kv = await new Kvm(bus.connection).create(BUCKET, limits);
      // A bucket that was there keeps the lifetime of its creation.
      await bus.manager.streams.update(`KV_${BUCKET}`, { max_age: lifetimeMs * NANOSECONDS_PER_MS });
      return new NatsTokenBucket(kv);
    });
  }

  async put(key: string, value: string): Promise<void> {
    try {
      await this.#kv.put(key, value);
    } catch (error) {
      throw translateBusError(error, "write a token");
    }
  }

  async take(key: string): Promise<string | undefined> {
    try {
      const entry = await this.#kv.get(key);
      if (entry === null || entry.operation !== "PUT") return undefined;
      await this.#kv.delete(key, { previousSeq: entry.revision });
      return entry.string();
    } catch (error) {
      if (isWriteConflict(error)) return undefined;
      throw translateBusError(error, "take a token");
    }
  }
}
