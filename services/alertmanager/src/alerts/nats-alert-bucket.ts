import { type Bus, BucketWatch, openBucket, translateBusError } from "@monotreme/bus";
import type { KV } from "@nats-io/kv";
import type { AlertBucket, AlertEntry } from "./alert-bucket.ts";

const BUCKET = "alerts";
/** Markers of deletion are removed after that long: every watch has seen them, and there is one for each alert. */
const MARKER_AGE_MS = 10 * 60_000;
const SWEEP_INTERVAL_MS = 60_000;
const SWEEP_AT_ONCE = 500;

/** The bucket `alerts` of JetStream's key-value store; the key is the fingerprint. */
export class NatsAlertBucket implements AlertBucket {
  readonly #bus: Bus;
  readonly #kv: KV;
  readonly #markers = new Map<string, number>();
  readonly #sweep: NodeJS.Timeout;
  #watch: BucketWatch | undefined;

  private constructor(bus: Bus, kv: KV) {
    this.#bus = bus;
    this.#kv = kv;
    this.#sweep = setInterval(() => void this.#removeMarkers(), SWEEP_INTERVAL_MS);
  }

  static async open(bus: Bus, replicas: number): Promise<NatsAlertBucket> {
    return new NatsAlertBucket(bus, await openBucket(bus, BUCKET, replicas));
  }

  async follow(onEntry: (entry: AlertEntry) => void): Promise<void> {
    this.#watch = new BucketWatch(this.#bus, this.#kv, {
      onEntry: (entry) => {
        const isPresent = entry.operation === "PUT";
        if (isPresent) this.#markers.delete(entry.key);
        else this.#markers.set(entry.key, entry.created.getTime());
        onEntry({ fingerprint: entry.key, value: isPresent ? entry.value : undefined });
      },
      onMissing: (fingerprint) => onEntry({ fingerprint, value: undefined }),
    });
    await this.#watch.start();
  }

  async put(fingerprint: string, value: string): Promise<void> {
    try {
      await this.#kv.put(fingerprint, value);
    } catch (error) {
      throw translateBusError(error, "write an alert");
    }
  }

  async remove(fingerprint: string): Promise<void> {
    try {
      await this.#kv.delete(fingerprint);
    } catch (error) {
      throw translateBusError(error, "remove an alert");
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await this.#watch?.close();
  }

  async #removeMarkers(): Promise<void> {
    const oldestMs = Date.now() - MARKER_AGE_MS;
    const old = [...this.#markers].filter(([, createdMs]) => createdMs < oldestMs).slice(0, SWEEP_AT_ONCE);
    for (const [fingerprint] of old) {
      try {
        // `keep: 0` of this subject up to the marker: a value that was written meanwhile must stay.
        const entry = await this.#kv.get(fingerprint);
        if (entry !== null && entry.operation !== "PUT") {
          const filter = `$KV.${BUCKET}.${fingerprint}`;
          await this.#bus.manager.streams.purge(`KV_${BUCKET}`, { filter, seq: entry.revision + 1 });
        }
        this.#markers.delete(fingerprint);
      } catch (error) {
        this.#bus.logger.debug({ err: error }, "a marker of deletion stays for now");
        return;
      }
    }
  }
}
