import { type Bus, MessagePuller, publishDeadLetter } from "@monotreme/bus";
import type { ClickHouse } from "@monotreme/clickhouse";
import { ingesterConsumerName, MAX_MESSAGE_BYTES, SAMPLES_STREAM, samplesSubject } from "@monotreme/contracts";
import { createSampleStore } from "@monotreme/storage";
import type { Logger } from "@monotreme/telemetry";
import { SamplesConsumer } from "../consumers/samples-consumer.ts";
import type { IngesterMetrics } from "../metrics.ts";
import { BatchWriter } from "../write/batch-writer.ts";
import type { LateAnnouncer } from "../write/late-announcer.ts";
import { MessageDecoder } from "../write/message-decoder.ts";
import { MetadataCache } from "../write/metadata-cache.ts";
import { PartitionTakenError } from "../write/partition-taken-error.ts";
import { PlanLedger, type PlanStorage } from "../write/plan-ledger.ts";
import { PlanRecovery } from "../write/plan-recovery.ts";
import { SeriesCache } from "../write/series-cache.ts";
import { WriteBatcher } from "../write/write-batcher.ts";
import { PartitionMessages } from "./partition-messages.ts";

const HEARTBEATS_A_WAIT = 3;
const MAX_BATCH_MESSAGES = 1000;

/** What the lanes of one process share. */
export interface LaneContext {
  readonly bus: Bus;
  readonly clickhouse: ClickHouse;
  readonly metrics: IngesterMetrics;
  readonly late: LateAnnouncer;
  readonly logger: Logger;
  readonly batchMaxBytes: number;
  readonly batchLinger: number;
  /** Series remembered by one lane at most. */
  readonly maxKnownSeries: number;
  readonly ackWait: number;
}

export interface LaneOptions {
  readonly partition: number;
  readonly plans: PlanStorage;
  /** Tells this lane from every other one of the partition, ever. */
  readonly owner: string;
  /** Whether nobody else may read the partition right now. */
  readonly isOwned: () => boolean;
  /** Called at most once, when another owner was found. */
  readonly onTaken: () => void;
}

/** One partition's way from the stream to the tables, for as long as this process owns the partition. */
export class PartitionLane {
  readonly #stop = new AbortController();
  readonly #batcher: WriteBatcher;
  readonly #consumer: SamplesConsumer;
  readonly #seriesCache: SeriesCache;
  #closing: Promise<void> | undefined;

  constructor(context: LaneContext, lane: LaneOptions) {
    const { bus, metrics, ackWait, batchMaxBytes } = context;
    const { partition, isOwned } = lane;
    const logger = context.logger.child({ partition });
    const requireOwnership = (): void => {
      if (!isOwned()) throw new PartitionTakenError(partition);
    };
    const writer = new BatchWriter({ store: createSampleStore(context.clickhouse), requireOwnership, metrics, logger });
    const ledger = new PlanLedger({ storage: lane.plans, partition, owner: lane.owner });
    const messages = new PartitionMessages(bus.manager.streams, partition);
    let isTaken = false;
    const onTaken = (): void => {
      if (!isTaken) lane.onTaken();
      isTaken = true;
    };
    const shared = { stream: SAMPLES_STREAM, partition, ledger, writer, late: context.late, metrics, logger, onTaken };
    this.#batcher = new WriteBatcher({
      ...shared,
      maxBytes: batchMaxBytes,
      maxMessages: MAX_BATCH_MESSAGES,
      lingerMs: context.batchLinger,
      heartbeatMs: ackWait / HEARTBEATS_A_WAIT,
      now: Date.now,
    });
    this.#seriesCache = new SeriesCache(context.maxKnownSeries);
    this.#consumer = new SamplesConsumer({
      ...shared,
      source: new MessagePuller(bus, {
        stream: SAMPLES_STREAM,
        consumer: ingesterConsumerName(partition),
        filterSubject: samplesSubject(partition),
        maxBytes: Math.max(batchMaxBytes, MAX_MESSAGE_BYTES),
        ackWaitMs: ackWait,
        maxAckPending: MAX_BATCH_MESSAGES * 3,
      }),
      batcher: this.#batcher,
      // Its own: what a lane took in and did not write must not count as known to a later one.
      decoder: new MessageDecoder(this.#seriesCache, new MetadataCache(Date.now)),
      recovery: new PlanRecovery({
        ...shared,
        createDecoder: () => new MessageDecoder(new SeriesCache(context.maxKnownSeries), new MetadataCache(Date.now)),
        firstLeft: async (from, until) => messages.firstLeft(from, until),
        readMessage: async (sequence) => messages.read(sequence),
        removeMessage: async (sequence) => messages.remove(sequence),
        signal: this.#stop.signal,
      }),
      isStored: async (sequence) => (await messages.read(sequence)) !== undefined,
      putAside: (message, reason) =>
        publishDeadLetter(bus, {
          stream: SAMPLES_STREAM,
          subject: message.subject,
          sequence: message.seq,
          reason,
          data: message.data,
        }),
    });
  }

  get knownSeries(): number {
    return this.#seriesCache.size;
  }

  /** Messages that the server delivered; undefined while what an earlier owner left is put in order. */
  get delivered(): number | undefined {
    return this.#consumer.delivered;
  }

  /** When the oldest message that waits here for its insert entered the stream, epoch ms. */
  get oldestPublishedAtMs(): number | undefined {
    return this.#batcher.oldestPublishedAtMs;
  }

  /**
   * Stops pulling, writes and acknowledges what was pulled; gives up at the deadline, and loses nothing then. With a
   * deadline that has passed it ends at once.
   */
  async close(deadline: AbortSignal): Promise<void> {
    // The consumer may wait for room in the batcher; at the deadline the batcher gives up and lets it go.
    this.#batcher.giveUpAt(deadline);
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stop.abort();
    await this.#consumer.close();
    await this.#batcher.close();
  }
}
