import { messageOf } from "@monotreme/errors";
import type { KV, KvWatchEntry } from "@nats-io/kv";
import type { Bus } from "./connect-bus.ts";
import { translateBusError } from "./translate-error.ts";

export interface BucketWatchOptions {
  /** Called for every present key while loading, then for every change (deletions too), in the bucket's order. */
  readonly onEntry: (entry: KvWatchEntry) => void;
  /** Called for a key that was reported before and is not in the bucket any more after the watch had to start anew. */
  readonly onMissing?: (key: string) => void;
}

const RETRY_MS = 500;
const LOAD_POLL_MS = 500;

/**
 * Follows a whole bucket for as long as the process lives: `start` resolves when every key that was there has been
 * handed out; a watch that ends (the server was away for long) begins anew with all keys. What `onEntry` throws is
 * logged and does not end the watch. A lost connection delays entries, so they are hints; only compare-and-set decides.
 */
export class BucketWatch {
  readonly #bus: Bus;
  readonly #kv: KV;
  readonly #options: BucketWatchOptions;
  #known = new Set<string>();
  #seen = 0;
  #stop: (() => void) | undefined;
  #isClosed = false;
  #running: Promise<void> | undefined;

  constructor(bus: Bus, kv: KV, options: BucketWatchOptions) {
    this.#bus = bus;
    this.#kv = kv;
    this.#options = options;
  }

  /** Throws `BUS_UNAVAILABLE` where the first watch cannot be made. */
  async start(): Promise<void> {
    const watch = await this.#open();
    await new Promise<void>((resolve) => {
      this.#running = this.#follow(watch, resolve);
      void this.#running.then(resolve);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stop?.();
    await this.#running;
  }

  async #open(): Promise<Awaited<ReturnType<KV["watch"]>>> {
    try {
      const watch = await this.#kv.watch();
      this.#stop = () => watch.stop();
      if (this.#isClosed) watch.stop();
      return watch;
    } catch (error) {
      throw translateBusError(error, "watch a bucket");
    }
  }

  async #follow(first: Awaited<ReturnType<KV["watch"]>>, onLoaded: () => void): Promise<void> {
    let watch: Awaited<ReturnType<KV["watch"]>> | undefined = first;
    while (!this.#isClosed) {
      try {
        watch ??= await this.#open();
        await this.#drain(watch, onLoaded);
      } catch (error) {
        this.#bus.logger.warn({ reason: messageOf(error) }, "watch of a bucket interrupted");
      }
      watch = undefined;
      if (!this.#isClosed) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  async #drain(watch: Awaited<ReturnType<KV["watch"]>>, onLoaded: () => void): Promise<void> {
    const before = this.#known;
    const present = new Set<string>();
    this.#known = present;
    this.#seen = 0;
    let isLoaded = false;
    const finishLoad = (): void => {
      if (isLoaded) return;
      isLoaded = true;
      clearInterval(poll);
      for (const key of before) if (!present.has(key)) this.#options.onMissing?.(key);
      onLoaded();
    };
    const poll = setInterval(() => void this.#finishWhenSeen(finishLoad), LOAD_POLL_MS);
    void this.#finishWhenSeen(finishLoad);
    try {
      for await (const entry of watch) {
        this.#seen = entry.revision;
        if (entry.operation === "PUT") present.add(entry.key);
        else present.delete(entry.key);
        this.#report(entry);
        if (!isLoaded && entry.delta === 0) finishLoad();
      }
    } finally {
      clearInterval(poll);
    }
  }

  /** An empty bucket has no entry that could end the load. */
  async #finishWhenSeen(finishLoad: () => void): Promise<void> {
    try {
      const { state } = (await this.#kv.status()).streamInfo;
      if (state.messages === 0 || this.#seen >= state.last_seq) finishLoad();
    } catch {
      // The next poll asks again.
    }
  }

  #report(entry: KvWatchEntry): void {
    try {
      this.#options.onEntry(entry);
    } catch (error) {
      this.#bus.logger.error({ err: error, bucket: entry.bucket, key: entry.key }, "an entry cannot be read");
    }
  }
}
