import { type Bus, bucketStream, openExistingBucket } from "@monotreme/bus";
import { LATE_SAMPLES_BUCKET, lateKeyOf } from "@monotreme/contracts";
import { AppError, messageOf } from "@monotreme/errors";
import { LateIndex } from "./late-index.ts";

/** The bucket of late samples as it stands now. */
export interface LateState {
  /** Which life of the bucket: it may be made anew. */
  readonly epoch: string;
  readonly revision: number;
  readonly index: Pick<LateIndex, "latestIn">;
}

/** What the cache needs to know of late samples. */
export interface LateSamples {
  /** Everything announced until now; undefined where that cannot be known. */
  current(): Promise<LateState | undefined>;
}

type Bucket = NonNullable<Awaited<ReturnType<typeof openExistingBucket>>>;

interface Watch {
  readonly epoch: string;
  readonly index: LateIndex;
  /** Everything up to this revision is in the index. */
  seen: number;
  hasEnded: boolean;
  stop(): void;
}

/** Answering from the cache is to be quicker than not to. */
const ANSWER_WITHIN_MS = 250;
const POLL_MS = 1;
/** After a failure the bus is left alone for a moment. */
const PAUSE_MS = 2000;

/**
 * Follows the bucket of late samples. Its state is asked of the server for each query, so an announcement that was made
 * before a query came is never missed, however late the watch hears of it.
 */
export class BucketLateSamples implements LateSamples {
  readonly #bus: Bus;
  #watch: Watch | undefined;
  #opening: Promise<void> | undefined;
  #pausedUntilMs = 0;
  #isClosed = false;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async current(): Promise<LateState | undefined> {
    if (!this.#bus.isConnected || this.#isClosed || performance.now() < this.#pausedUntilMs) return undefined;
    try {
      return await within(ANSWER_WITHIN_MS, (isOver) => this.#read(isOver));
    } catch (error) {
      this.#pausedUntilMs = performance.now() + PAUSE_MS;
      this.#watch?.stop();
      this.#watch = undefined;
      this.#bus.logger.debug({ reason: messageOf(error) }, "late samples not known, results are not cached");
      return undefined;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#watch?.stop();
  }

  async #read(isOver: () => boolean): Promise<LateState | undefined> {
    const { created, state } = await this.#bus.manager.streams.info(bucketStream(LATE_SAMPLES_BUCKET));
    const epoch = String(created);
    let watch = this.#watch;
    if (watch === undefined || watch.hasEnded || watch.epoch !== epoch || watch.seen > state.last_seq) {
      this.#opening ??= this.#open(epoch).finally(() => {
        this.#opening = undefined;
      });
      await this.#opening;
      watch = this.#watch;
    }
    while (watch !== undefined && watch.seen < state.last_seq && !isOver()) await pause(POLL_MS);
    if (watch === undefined || watch.epoch !== epoch || watch.seen < state.last_seq) return undefined;
    return { epoch, revision: state.last_seq, index: watch.index };
  }

  async #open(epoch: string): Promise<void> {
    this.#watch?.stop();
    this.#watch = undefined;
    const bucket = await openExistingBucket(this.#bus, LATE_SAMPLES_BUCKET);
    if (bucket === undefined || this.#isClosed) return;
    // What is forgotten by now comes no more; what is there comes with the watch.
    const { state } = await this.#bus.manager.streams.info(bucketStream(LATE_SAMPLES_BUCKET));
    const entries = await bucket.watch();
    const index = new LateIndex(Date.now);
    const watch: Watch = { epoch, index, seen: 0, hasEnded: false, stop: () => entries.stop() };
    this.#watch = watch;
    if (state.messages === 0) watch.seen = state.last_seq;
    void this.#follow(watch, entries, state.last_seq);
  }

  /** Ends with the watch; never rejects. */
  async #follow(watch: Watch, entries: Awaited<ReturnType<Bucket["watch"]>>, atLeast: number): Promise<void> {
    try {
      for await (const { key, revision, created, delta = 0 } of entries) {
        watch.index.add(key, revision, created.getTime());
        watch.seen = Math.max(watch.seen, revision);
        if (delta === 0) watch.seen = Math.max(watch.seen, atLeast);
      }
    } catch (error) {
      this.#bus.logger.debug({ reason: messageOf(error) }, "watch of late samples ended");
    } finally {
      watch.hasEnded = true;
    }
  }
}

/** Announces, as an ingester does, that a tenant's samples of any time may have changed; throws BUS_UNAVAILABLE. */
export async function announceChange(bus: Bus, tenant: string): Promise<void> {
  const bucket = await openExistingBucket(bus, LATE_SAMPLES_BUCKET);
  try {
    // Where there is no bucket, nothing was ever kept.
    await bucket?.put(lateKeyOf(tenant, -Infinity, Date.now()), new Uint8Array());
  } catch (cause) {
    throw new AppError("BUS_UNAVAILABLE", "unavailable", "NATS did not take the announcement", { cause });
  }
}

async function within<T>(ms: number, task: (isOver: () => boolean) => Promise<T>): Promise<T> {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isOver = true;
      reject(new Error(`no answer within ${ms} ms`));
    }, ms);
  });
  try {
    return await Promise.race([task(() => isOver), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
