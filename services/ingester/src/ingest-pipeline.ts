import { type Bus, MessagePuller, openBucket, publishDeadLetter } from "@monotreme/bus";
import type { ClickHouse } from "@monotreme/clickhouse";
import {
  INGEST_PLAN_BUCKET,
  ingesterConsumerName,
  LATE_SAMPLES_BUCKET,
  LATE_SAMPLES_TTL_MS,
  MAX_MESSAGE_BYTES,
  SAMPLES_STREAM,
  samplesSubject,
} from "@monotreme/contracts";
import { createSampleStore } from "@monotreme/storage";
import type { Telemetry } from "@monotreme/telemetry";
import { SamplesConsumer } from "./consumers/samples-consumer.ts";
import { createIngesterMetrics, type IngesterMetrics } from "./metrics.ts";
import { BatchWriter } from "./write/batch-writer.ts";
import { LateAnnouncer } from "./write/late-announcer.ts";
import { MessageDecoder } from "./write/message-decoder.ts";
import { MetadataCache } from "./write/metadata-cache.ts";
import { PlanLedger, type PlanStorage } from "./write/plan-ledger.ts";
import { PlanRecovery } from "./write/plan-recovery.ts";
import { SeriesCache } from "./write/series-cache.ts";
import { WriteBatcher } from "./write/write-batcher.ts";

export interface IngestPipelineOptions {
  readonly bus: Bus;
  /** Its tables exist (`migrateStorage`). */
  readonly clickhouse: ClickHouse;
  readonly telemetry: Telemetry;
  readonly partitions: number;
  readonly streamReplicas: number;
  readonly batchMaxBytes: number;
  readonly batchLinger: number;
  readonly maxKnownSeries: number;
  /** Unacknowledged messages are delivered again after this time, in milliseconds. */
  readonly ackWait: number;
}

const HEARTBEATS_A_WAIT = 3;
const MAX_BATCH_MESSAGES = 1000;

/** Everything that moves samples from the stream into ClickHouse. */
export interface IngestPipeline {
  /** Stops pulling, writes and acknowledges what was pulled; gives up at the deadline, and loses nothing then. */
  close(deadline: AbortSignal): Promise<void>;
}

/** Starts to take the samples of all partitions; the stream exists already (`ensureStreams`). */
export async function startIngestPipeline(options: IngestPipelineOptions): Promise<IngestPipeline> {
  const { bus, telemetry, partitions, streamReplicas } = options;
  const metrics = createIngesterMetrics(telemetry.registry);
  const seriesCache = new SeriesCache(options.maxKnownSeries);
  const knownSeries = setInterval(() => metrics.knownSeries.set(seriesCache.size), 5000);
  knownSeries.unref();
  const decoder = new MessageDecoder(seriesCache, new MetadataCache(Date.now));
  const bucket = await openBucket(bus, INGEST_PLAN_BUCKET, streamReplicas);
  const lateBucket = await openBucket(bus, LATE_SAMPLES_BUCKET, streamReplicas, { ttlMs: LATE_SAMPLES_TTL_MS });
  const late = new LateAnnouncer({
    put: async (key) => void (await lateBucket.put(key, new Uint8Array())),
    metrics,
    logger: telemetry.logger.child({ component: "ingester" }),
    now: Date.now,
  });
  const lanes = Array.from({ length: partitions }, (_, partition) =>
    startLane(options, { metrics, decoder, late }, planStorage(bucket, partition), partition),
  );
  return {
    async close(deadline) {
      clearInterval(knownSeries);
      const results = await Promise.allSettled(lanes.map((lane) => lane.close(deadline)));
      const failed = results.find((result) => result.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    },
  };
}

/** What the lanes of one process share. */
interface SharedParts {
  readonly metrics: IngesterMetrics;
  readonly decoder: MessageDecoder;
  readonly late: LateAnnouncer;
}

/** One partition's way from the stream to the tables. */
function startLane(
  options: IngestPipelineOptions,
  { metrics, decoder, late }: SharedParts,
  storage: PlanStorage,
  partition: number,
): IngestPipeline {
  const { bus, clickhouse, telemetry, ackWait } = options;
  const logger = telemetry.logger.child({ component: "ingester", partition });
  const stop = new AbortController();
  const writer = new BatchWriter({ store: createSampleStore(clickhouse), metrics, logger });
  const ledger = new PlanLedger(storage);
  const readMessage = async (sequence: number): Promise<Uint8Array | undefined> =>
    (await bus.manager.streams.getMessage(SAMPLES_STREAM, { seq: sequence }))?.data;
  const removeMessage = async (sequence: number): Promise<void> => {
    try {
      await bus.manager.streams.deleteMessage(SAMPLES_STREAM, sequence, false);
    } catch (error) {
      if ((await readMessage(sequence)) !== undefined) throw error;
    }
  };
  const createDecoder = (): MessageDecoder =>
    new MessageDecoder(new SeriesCache(options.maxKnownSeries), new MetadataCache(Date.now));
  const shared = { stream: SAMPLES_STREAM, partition, ledger, writer, late, metrics, logger };
  const batcher = new WriteBatcher({
    ...shared,
    maxBytes: options.batchMaxBytes,
    maxMessages: MAX_BATCH_MESSAGES,
    lingerMs: options.batchLinger,
    heartbeatMs: ackWait / HEARTBEATS_A_WAIT,
    now: Date.now,
  });
  const consumer = new SamplesConsumer({
    ...shared,
    source: new MessagePuller(bus, {
      stream: SAMPLES_STREAM,
      consumer: ingesterConsumerName(partition),
      filterSubject: samplesSubject(partition),
      maxBytes: Math.max(options.batchMaxBytes, MAX_MESSAGE_BYTES),
      ackWaitMs: ackWait,
      maxAckPending: MAX_BATCH_MESSAGES * 3,
    }),
    batcher,
    decoder,
    recovery: new PlanRecovery({ ...shared, createDecoder, readMessage, removeMessage, signal: stop.signal }),
    isStored: async (sequence) => (await readMessage(sequence)) !== undefined,
    putAside: (message, reason) =>
      publishDeadLetter(bus, {
        stream: SAMPLES_STREAM,
        subject: message.subject,
        sequence: message.seq,
        reason,
        data: message.data,
      }),
  });
  return {
    async close(deadline) {
      stop.abort();
      // The consumer may wait for room in the batcher; at the deadline the batcher gives up and lets it go.
      batcher.giveUpAt(deadline);
      await consumer.close();
      await batcher.close();
    },
  };
}

function planStorage(bucket: Awaited<ReturnType<typeof openBucket>>, partition: number): PlanStorage {
  const key = `${SAMPLES_STREAM}.${partition}`;
  return {
    async read() {
      const entry = await bucket.get(key);
      return entry === null ? undefined : { bytes: entry.value, revision: entry.revision };
    },
    write: (bytes, revision) => (revision === 0 ? bucket.create(key, bytes) : bucket.update(key, bytes, revision)),
  };
}
