import { SampleBatchBuilder } from "@monotreme/contracts";
import type { SampleInsert, SampleStore, WriteOptions } from "@monotreme/storage";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createIngesterMetrics } from "../metrics.ts";
import { BatchWriter } from "./batch-writer.ts";
import { decodePlans } from "./insert-plan.ts";
import { LateAnnouncer } from "./late-announcer.ts";
import { MessageDecoder } from "./message-decoder.ts";
import { MetadataCache } from "./metadata-cache.ts";
import { PlanLedger } from "./plan-ledger.ts";
import { PartitionTakenError } from "./partition-taken-error.ts";
import { SeriesCache } from "./series-cache.ts";
import { WriteBatcher } from "./write-batcher.ts";

/** A store that notes what happens, and can be told to fail or to wait. */
class FakeStore implements SampleStore {
  readonly inserts: { rowCount: number; token: string }[] = [];
  failures = 0;
  gate: Promise<void> = Promise.resolve();

  async insertSamples(samples: SampleInsert, { deduplicationToken }: WriteOptions): Promise<void> {
    await this.gate;
    if (this.failures-- > 0) throw new Error("store is down");
    this.inserts.push({ rowCount: samples.rowCount, token: deduplicationToken });
  }

  async insertSeries(): Promise<void> {}

  async insertMetadata(): Promise<void> {}

  async insertHistograms(): Promise<void> {}

  async insertExemplars(): Promise<void> {}

  async insertStarts(): Promise<void> {}
}

function message(): Uint8Array {
  const builder = new SampleBatchBuilder("tenant");
  builder.addSample(1, 2, 3, 4, 1000, 5, 6);
  return builder.encode();
}

const MESSAGE_BYTES = message().length;

function createBatcher({
  announce = async () => undefined,
  requireOwnership = () => undefined,
  ...changes
}: {
  maxBytes?: number;
  maxMessages?: number;
  announce?: () => Promise<void>;
  requireOwnership?: () => void;
} = {}) {
  const store = new FakeStore();
  const metrics = createIngesterMetrics(new Registry());
  const logger = createSilentLogger();
  const plans: string[] = [];
  let taken = 0;
  const storage = {
    read: async () => undefined,
    write: async (bytes: Uint8Array, revision: number) => {
      plans.push(decodePlans(bytes).plans.at(-1)?.sequences.join() ?? "");
      return revision + 1;
    },
  };
  const batcher = new WriteBatcher({
    stream: "S",
    partition: 0,
    writer: new BatchWriter({ store, requireOwnership, metrics, logger }),
    late: new LateAnnouncer({ put: async () => announce(), metrics, logger, now: Date.now }),
    ledger: new PlanLedger({ storage, partition: 0, owner: "me" }),
    metrics,
    logger,
    maxBytes: 2 ** 20,
    maxMessages: 100,
    lingerMs: 300,
    heartbeatMs: 10_000,
    now: Date.now,
    onTaken: () => void taken++,
    ...changes,
  });
  const decoder = new MessageDecoder(new SeriesCache(10), new MetadataCache(Date.now));
  const acked: number[] = [];
  const working: number[] = [];
  const add = (sequence: number): Promise<void> =>
    batcher.add(
      decoder.decode(sequence, message()),
      { ack: () => acked.push(sequence), working: () => working.push(sequence) },
      0,
    );
  return { batcher, store, plans, acked, working, add, timesTaken: () => taken };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("write batcher - collects until the linger is over, then plans, inserts and acknowledges", async () => {
  const { batcher, store, plans, acked, add } = createBatcher();
  await add(1);
  await add(3);
  await vi.advanceTimersByTimeAsync(299);
  expect([store.inserts, plans, acked]).toEqual([[], [], []]);
  expect(batcher.holds(3)).toBe(true);
  await vi.advanceTimersByTimeAsync(1);
  expect(store.inserts).toEqual([{ rowCount: 2, token: "S/0/1-3/2/samples" }]);
  expect([plans, acked, batcher.holds(3)]).toEqual([["1,3"], [1, 3], false]);
});

test("write batcher - splits a batch over the byte limit or the message limit", async () => {
  for (const limits of [{ maxBytes: MESSAGE_BYTES * 2 }, { maxMessages: 2 }]) {
    const { store, add } = createBatcher(limits);
    for (let sequence = 1; sequence <= 5; sequence++) await add(sequence);
    await vi.advanceTimersByTimeAsync(300);
    expect(store.inserts.map(({ rowCount }) => rowCount)).toEqual([2, 2, 1]);
  }
});

test("write batcher - holds at most two batches: then add waits", async () => {
  const { store, acked, add } = createBatcher({ maxMessages: 2 });
  let open = (): void => undefined;
  store.gate = new Promise((resolve) => {
    open = resolve;
  });
  await add(1);
  await add(2);
  await add(3);
  let isRoom = false;
  const waiting = add(4).then(() => {
    isRoom = true;
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect([isRoom, acked]).toEqual([false, []]);
  open();
  await waiting;
  expect(acked).toEqual([1, 2]);
});

test("write batcher - a store that is down is tried again with the same token; nothing is acknowledged before", async () => {
  const { store, acked, working, add } = createBatcher();
  store.failures = 8;
  await add(1);
  await vi.advanceTimersByTimeAsync(5000);
  expect([store.inserts, acked]).toEqual([[], []]);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(store.inserts).toEqual([{ rowCount: 1, token: "S/0/1-1/1/samples" }]);
  expect(acked).toEqual([1]);
  expect(working).toEqual([1]);
});

test("write batcher - late samples are announced when they are visible and before they are acknowledged", async () => {
  const seen: string[] = [];
  let isAway = true;
  const { store, acked, add } = createBatcher({
    announce: async () => {
      seen.push(`${store.inserts.length} inserts, ${acked.length} acknowledged`);
      if (isAway) throw new Error("bus is away");
    },
  });
  await add(1);
  await vi.advanceTimersByTimeAsync(350);
  expect([seen, acked]).toEqual([["1 inserts, 0 acknowledged"], []]);
  isAway = false;
  await vi.advanceTimersByTimeAsync(10_000);
  expect([seen.length, acked]).toEqual([2, [1]]);
});

test("write batcher - close writes what is held without waiting for the linger", async () => {
  const { batcher, store, acked, add } = createBatcher();
  await add(1);
  batcher.giveUpAt(AbortSignal.timeout(60_000));
  await batcher.close();
  expect([store.inserts.length, acked]).toEqual([1, [1]]);
  await batcher.close();
  expect(store.inserts).toHaveLength(1);
});

test("write batcher - at the deadline close gives up, and acknowledges nothing", async () => {
  const { batcher, store, acked, add } = createBatcher();
  store.failures = Infinity;
  await add(1);
  const deadline = new AbortController();
  batcher.giveUpAt(deadline.signal);
  const closing = batcher.close();
  await vi.advanceTimersByTimeAsync(1000);
  deadline.abort(new Error("deadline"));
  await closing;
  expect([store.inserts, acked, batcher.holds(1)]).toEqual([[], [], false]);
});

test("write batcher - an owner that was replaced inserts nothing, acknowledges nothing and says so", async () => {
  let isOwner = true;
  const requireOwnership = (): void => {
    if (!isOwner) throw new PartitionTakenError(0);
  };
  const { store, acked, add, timesTaken } = createBatcher({ requireOwnership });
  store.failures = Infinity;
  await add(1);
  await vi.advanceTimersByTimeAsync(1000);
  isOwner = false;
  store.failures = 0;
  await vi.advanceTimersByTimeAsync(10_000);
  expect([store.inserts, acked, timesTaken()]).toEqual([[], [], 1]);
});

test("write batcher - knows since when its oldest message waits", async () => {
  const { batcher, add } = createBatcher();
  expect(batcher.oldestPublishedAtMs).toBeUndefined();
  await add(1);
  expect(batcher.oldestPublishedAtMs).toBe(0);
  await vi.advanceTimersByTimeAsync(300);
  expect(batcher.oldestPublishedAtMs).toBeUndefined();
});
