import type { Clock } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import { type Alert, isResolvedAt } from "./alert.ts";
import type { AlertBucket, AlertEntry } from "./alert-bucket.ts";
import { decodeAlert, encodeAlert } from "./alert-codec.ts";
import { isSameAlert, mergeAlerts } from "./merge-alerts.ts";

export interface AlertStoreOptions {
  readonly bucket: AlertBucket;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Told of every change, whoever made it, in the order in which this process learns of it. */
export interface AlertListener {
  onAlert(alert: Alert, previous: Alert | undefined): void;
  onRemoved?(alert: Alert): void;
}

/** Writes under way at once; more wait in line. */
const MAX_IN_FLIGHT = 256;

/**
 * All alerts in memory, and in a bucket that the replicas share. What one replica takes in the others merge into what
 * they know, so the order of arrival does not matter and nobody needs to lock. Resolved alerts stay until they are
 * collected. The number of alerts is not bounded, as upstream's is not.
 */
export class AlertStore {
  readonly #options: AlertStoreOptions;
  readonly #alerts = new Map<string, Alert>();
  readonly #listeners = new Set<AlertListener>();
  /** The last write of ours that waits or is under way, by fingerprint. */
  readonly #writing = new Map<string, Promise<void>>();
  /** Those of them that have not started: what is known when they do goes with them. */
  readonly #queued = new Map<string, Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;

  private constructor(options: AlertStoreOptions) {
    this.#options = options;
  }

  /** Resolves when every alert of the bucket is known. */
  static async open(options: AlertStoreOptions): Promise<AlertStore> {
    const store = new AlertStore(options);
    await options.bucket.follow((entry) => store.#onEntry(entry));
    return store;
  }

  get size(): number {
    return this.#alerts.size;
  }

  get(fingerprint: string): Alert | undefined {
    return this.#alerts.get(fingerprint);
  }

  values(): IterableIterator<Alert> {
    return this.#alerts.values();
  }

  /**
   * Merges alerts into what is known: listeners hear of them at once, and the promise resolves when the bucket has them
   * all. Where it rejects (`BUS_UNAVAILABLE`) some may not be durable, and the sender should send all again.
   */
  async put(alerts: readonly Alert[]): Promise<void> {
    const nowMs = this.#options.clock.now();
    const writes = alerts.map(async (alert) => {
      const known = this.#alerts.get(alert.fingerprint);
      this.#set(known === undefined ? alert : mergeAlerts(known, alert, nowMs), known);
      await this.#write(alert.fingerprint);
    });
    await settleAll(writes);
  }

  /** Calls back for every change until the function that is returned is called; not for what is known already. */
  subscribe(listener: AlertListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Forgets resolved alerts that ended before a time and that nobody needs; resolves to how many. */
  async collectGarbage(endedBeforeMs: number, isNeeded: (alert: Alert) => boolean): Promise<number> {
    const old: Alert[] = [];
    for (const alert of this.#alerts.values()) {
      if (alert.endsAtMs < endedBeforeMs && !isNeeded(alert) && !this.#writing.has(alert.fingerprint)) old.push(alert);
    }
    const removals = old.map(async (alert) => {
      this.#forget(alert);
      await this.#limited(async () => this.#options.bucket.remove(alert.fingerprint));
    });
    await settleAll(removals);
    return old.length;
  }

  /** Waits for the writes under way. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#writing.values());
    await this.#options.bucket.close();
  }

  #set(alert: Alert, previous: Alert | undefined): void {
    this.#alerts.set(alert.fingerprint, alert);
    for (const listener of this.#listeners) listener.onAlert(alert, previous);
  }

  #forget(alert: Alert): void {
    this.#alerts.delete(alert.fingerprint);
    for (const listener of this.#listeners) listener.onRemoved?.(alert);
  }

  /** Writes of one alert follow each other, and each takes what is known when it starts. */
  async #write(fingerprint: string): Promise<void> {
    const queued = this.#queued.get(fingerprint);
    if (queued !== undefined) return queued;
    const before = this.#writing.get(fingerprint) ?? Promise.resolve();
    const write = before.then(
      async () => this.#writeNow(fingerprint),
      async () => this.#writeNow(fingerprint),
    );
    this.#queued.set(fingerprint, write);
    this.#writing.set(fingerprint, write);
    try {
      await write;
    } finally {
      if (this.#writing.get(fingerprint) === write) this.#writing.delete(fingerprint);
    }
  }

  async #writeNow(fingerprint: string): Promise<void> {
    await this.#limited(async () => {
      this.#queued.delete(fingerprint);
      const alert = this.#alerts.get(fingerprint);
      if (alert !== undefined) await this.#options.bucket.put(fingerprint, encodeAlert(alert));
    });
  }

  async #limited(run: () => Promise<void>): Promise<void> {
    if (this.#inFlight >= MAX_IN_FLIGHT) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#inFlight++;
    try {
      await run();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#inFlight--;
      else next();
    }
  }

  #onEntry({ fingerprint, value }: AlertEntry): void {
    const known = this.#alerts.get(fingerprint);
    if (value === undefined) {
      // Only resolved alerts are removed: one that fires here again is written again in a moment.
      if (known !== undefined && isResolvedAt(known, this.#options.clock.now())) this.#forget(known);
      return;
    }
    const alert = decodeAlert(fingerprint, value);
    if (alert === undefined) {
      this.#options.logger.warn({ alert: fingerprint }, "an alert in the bucket cannot be read");
      return;
    }
    this.#mergeFromBucket(alert, known);
  }

  #mergeFromBucket(alert: Alert, known: Alert | undefined): void {
    if (known === undefined) {
      this.#set(alert, undefined);
      return;
    }
    if (isSameAlert(known, alert)) return;
    const merged = mergeAlerts(known, alert, this.#options.clock.now());
    if (!isSameAlert(merged, known)) this.#set(merged, known);
    // Another replica may have written over what this one knows better. (Or it is our own write, overtaken by a newer.)
    if (!isSameAlert(merged, alert)) {
      this.#write(alert.fingerprint).catch((error: unknown) => {
        this.#options.logger.warn({ reason: messageOf(error) }, "a merged alert was not written");
      });
    }
  }
}

/** Waits for all, then throws the first fault, so that nothing goes on unseen. */
async function settleAll(promises: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(promises)) if (outcome.status === "rejected") throw outcome.reason;
}
