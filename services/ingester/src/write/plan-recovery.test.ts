import { SampleBatchBuilder } from "@monotreme/contracts";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { expect, test } from "vitest";
import { createIngesterMetrics } from "../metrics.ts";
import { BatchWriter } from "./batch-writer.ts";
import { encodePlans } from "./insert-plan.ts";
import { LateAnnouncer } from "./late-announcer.ts";
import { MessageDecoder } from "./message-decoder.ts";
import { MetadataCache } from "./metadata-cache.ts";
import { PlanLedger } from "./plan-ledger.ts";
import { PlanRecovery } from "./plan-recovery.ts";
import { SeriesCache } from "./series-cache.ts";

function message(): Uint8Array {
  const builder = new SampleBatchBuilder("tenant");
  builder.addSample(1, 2, 3, 4, 1000, 5, 6);
  return builder.encode();
}

/** A stream that holds these messages, and a plan over 1, 2 and 3 that an earlier run left. */
function createRecovery(stream: Map<number, Uint8Array>) {
  const inserted: string[] = [];
  const announced: string[] = [];
  const logger = createSilentLogger();
  const metrics = createIngesterMetrics(new Registry());
  const storage = {
    read: async () => ({ bytes: encodePlans({ owner: "last", plans: [{ sequences: [1, 2, 3] }] }), revision: 1 }),
    write: async () => 2,
  };
  const store = {
    insertSamples: async (samples: { rowCount: number }, options: { deduplicationToken: string }) => {
      inserted.push(`${options.deduplicationToken}: ${samples.rowCount} rows`);
    },
    insertSeries: async () => undefined,
    insertMetadata: async () => undefined,
    insertHistograms: async () => undefined,
    insertExemplars: async () => undefined,
    insertStarts: async () => undefined,
  };
  const ledger = new PlanLedger({ storage, partition: 0, owner: "me" });
  const recovery = new PlanRecovery({
    stream: "S",
    partition: 0,
    ledger,
    writer: new BatchWriter({ store, requireOwnership: () => undefined, metrics, logger }),
    late: new LateAnnouncer({ put: async (key) => void announced.push(key), metrics, logger, now: Date.now }),
    createDecoder: () => new MessageDecoder(new SeriesCache(10), new MetadataCache(Date.now)),
    firstLeft: async (from) => [...stream.keys()].find((sequence) => sequence >= from),
    readMessage: async (sequence) => stream.get(sequence),
    removeMessage: async (sequence) => {
      stream.delete(sequence);
    },
    metrics,
    logger,
    signal: new AbortController().signal,
  });
  return { recovery, ledger, inserted, announced };
}

test("plan recovery - a batch that is there as a whole is inserted with the plan's token and leaves the stream", async () => {
  const stream = new Map([1, 2, 3, 4].map((sequence) => [sequence, message()]));
  const { recovery, ledger, inserted, announced } = createRecovery(stream);
  await recovery.recoverAll();
  expect(inserted).toEqual(["S/0/1-3/3/samples: 3 rows"]);
  expect(announced).toHaveLength(1);
  expect([...stream.keys()]).toEqual([4]);
  expect([ledger.isSettled(3), ledger.isSettled(4)]).toEqual([true, false]);
});

test("plan recovery - a batch of which a message is gone was stored: the rest only leaves the stream", async () => {
  const stream = new Map([1, 3].map((sequence) => [sequence, message()]));
  const { recovery, ledger, inserted } = createRecovery(stream);
  await ledger.claim();
  await recovery.recoverPlanOf(3);
  expect([inserted, stream.size, ledger.isSettled(1)]).toEqual([[], 0, true]);
});

test("plan recovery - a message of no plan is left alone", async () => {
  const stream = new Map([[9, message()]]);
  const { recovery, ledger } = createRecovery(stream);
  await recovery.recoverPlanOf(9);
  expect([stream.size, ledger.isSettled(9)]).toEqual([1, false]);
});

test("plan recovery - a plan with an unreadable message is dissolved, and nothing of it is lost", async () => {
  const stream = new Map([1, 2, 3].map((sequence) => [sequence, sequence === 2 ? new Uint8Array(8) : message()]));
  const { recovery, ledger, inserted } = createRecovery(stream);
  await recovery.recoverAll();
  expect([inserted, stream.size, ledger.isSettled(1)]).toEqual([[], 3, false]);
});

test("plan recovery - a batch that has left the stream is settled without a look at its messages", async () => {
  const { recovery, ledger, inserted } = createRecovery(new Map([[4, message()]]));
  await recovery.recoverAll();
  expect([inserted, ledger.isSettled(2), ledger.isSettled(4)]).toEqual([[], true, false]);
});
