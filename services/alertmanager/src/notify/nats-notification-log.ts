import { type Bus, BucketWatch, isWriteConflict, openBucket, translateBusError } from "@monotreme/bus";
import type { Clock } from "@monotreme/clock";
import type { KV, KvEntry } from "@nats-io/kv";
import { decodeLogEntry, encodeLogEntry } from "./log-entry-codec.ts";
import { LogView } from "./log-view.ts";
import type { LogEntry, NotificationLog, VersionedLogEntry } from "./notification-log.ts";

const BUCKET = "notification_log";

/** The notification log in the bucket `notification_log` of JetStream's key-value store. */
export class NatsNotificationLog implements NotificationLog {
  readonly #bus: Bus;
  readonly #kv: KV;
  readonly #clock: Clock;
  readonly #view = new LogView();
  readonly #watch: BucketWatch;

  private constructor(bus: Bus, kv: KV, clock: Clock) {
    this.#bus = bus;
    this.#kv = kv;
    this.#clock = clock;
    this.#watch = new BucketWatch(bus, kv, {
      onEntry: (entry) => this.#apply(entry),
      onMissing: (id) => this.#view.delete(id),
    });
  }

  /** Resolves when the whole log is known. */
  static async open(bus: Bus, replicas: number, clock: Clock): Promise<NatsNotificationLog> {
    const log = new NatsNotificationLog(bus, await openBucket(bus, BUCKET, replicas), clock);
    await log.#watch.start();
    return log;
  }

  get(id: string): VersionedLogEntry | undefined {
    return this.#unexpired(this.#view.get(id));
  }

  async refresh(id: string): Promise<VersionedLogEntry | undefined> {
    try {
      const entry = await this.#kv.get(id);
      if (entry === null) this.#view.delete(id);
      else this.#apply(entry);
    } catch (error) {
      throw translateBusError(error, "read the notification log");
    }
    return this.#view.get(id);
  }

  async write(id: string, entry: LogEntry, revision: number): Promise<VersionedLogEntry | undefined> {
    try {
      const written = { ...entry, revision: await this.#kv.put(id, encodeLogEntry(entry), { previousSeq: revision }) };
      this.#view.apply(id, written);
      return written;
    } catch (error) {
      if (isWriteConflict(error)) return undefined;
      throw translateBusError(error, "write the notification log");
    }
  }

  subscribe(onChange: (id: string, entry: VersionedLogEntry) => void): () => void {
    return this.#view.subscribe(onChange);
  }

  /** Removes entries that have expired; resolves to how many. */
  async collectGarbage(): Promise<number> {
    let removed = 0;
    for (const [id, entry] of this.#view.entries()) {
      if (this.#unexpired(entry) !== undefined) continue;
      try {
        // Without a marker, and without what may have been written since.
        const filter = `$KV.${BUCKET}.${id}`;
        await this.#bus.manager.streams.purge(`KV_${BUCKET}`, { filter, seq: entry.revision + 1 });
      } catch (error) {
        throw translateBusError(error, "collect old entries of the notification log");
      }
      if (this.#view.get(id) === entry) this.#view.delete(id);
      removed++;
    }
    return removed;
  }

  async close(): Promise<void> {
    await this.#watch.close();
  }

  #unexpired(entry: VersionedLogEntry | undefined): VersionedLogEntry | undefined {
    return entry !== undefined && entry.expiresAtMs > this.#clock.now() ? entry : undefined;
  }

  #apply({ key, operation, value, revision }: KvEntry): void {
    if (operation !== "PUT") {
      this.#view.delete(key);
      return;
    }
    const entry = decodeLogEntry(value);
    if (entry === undefined) {
      this.#bus.logger.warn({ entry: key }, "an entry of the notification log cannot be read");
      return;
    }
    this.#view.apply(key, { ...entry, revision });
  }
}
