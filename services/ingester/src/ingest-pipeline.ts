import { randomUUID } from "node:crypto";
import { type Bus, Leases, openBucket } from "@monotreme/bus";
import type { ClickHouse } from "@monotreme/clickhouse";
import {
  INGEST_PLAN_BUCKET,
  ingesterConsumerName,
  LATE_SAMPLES_BUCKET,
  LATE_SAMPLES_TTL_MS,
  SAMPLES_STREAM,
} from "@monotreme/contracts";
import { messageOf } from "@monotreme/errors";
import type { Logger, Telemetry } from "@monotreme/telemetry";
import { createIngesterMetrics, type IngesterMetrics } from "./metrics.ts";
import { LagObserver, readStreamBacklog } from "./partitions/lag-observer.ts";
import {
  holdAllPartitions,
  LEASE_HOLDER,
  type PartitionHolding,
  sharePartitions,
} from "./partitions/partition-holding.ts";
import { PartitionKeeper } from "./partitions/partition-keeper.ts";
import { type LaneContext, PartitionLane } from "./partitions/partition-lane.ts";
import { PartitionMessages } from "./partitions/partition-messages.ts";
import { LateAnnouncer } from "./write/late-announcer.ts";
import type { PlanStorage } from "./write/plan-ledger.ts";

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
  /**
   * The partitions of an ingester that shows no sign of life for so long go to the others, in milliseconds. Not given:
   * nobody else can be there, and all partitions are taken at once.
   */
  readonly ingesterLeaseTtl?: number | undefined;
}

/** Everything that moves samples from the stream into ClickHouse. */
export interface IngestPipeline {
  /** Stops pulling, writes and acknowledges what was pulled; gives up at the deadline, and loses nothing then. */
  close(deadline: AbortSignal): Promise<void>;
}

const KNOWN_SERIES_EVERY_MS = 5000;
const MIN_KNOWN_SERIES = 1000;

/**
 * Starts to take the samples of this process' share of the partitions; the stream exists already (`ensureStreams`).
 * Partitions above the configured number that hold messages are read as well, so that a sender with another number
 * loses nothing.
 */
export async function startIngestPipeline(options: IngestPipelineOptions): Promise<IngestPipeline> {
  const { bus, telemetry, streamReplicas } = options;
  const metrics = createIngesterMetrics(telemetry.registry);
  const logger = telemetry.logger.child({ component: "ingester" });
  const context = await openLaneContext(options, metrics, logger);
  const plans = await openBucket(bus, INGEST_PLAN_BUCKET, streamReplicas);
  let holding: PartitionHolding | undefined;
  const keeper = new PartitionKeeper<PartitionLane>({
    startLane: (partition, onTaken) =>
      new PartitionLane(context, {
        partition,
        plans: planStorage(plans, partition),
        owner: randomUUID(),
        isOwned: () => holding?.isOwned(partition) ?? true,
        onTaken,
      }),
    onTaken: (partition) => holding?.giveUp(partition),
    metrics,
    logger,
  });
  const held = await hold(options, keeper);
  holding = held;
  const lag = observeLag(options, keeper, held, metrics, logger);
  const knownSeries = setInterval(() => {
    metrics.knownSeries.set([...keeper.lanes.values()].reduce((sum, lane) => sum + lane.knownSeries, 0));
  }, KNOWN_SERIES_EVERY_MS);
  knownSeries.unref();
  let closing: Promise<void> | undefined;
  const close = async (deadline: AbortSignal): Promise<void> => {
    clearInterval(knownSeries);
    await lag.close();
    await held.close(deadline);
  };
  return { close: async (deadline) => (closing ??= close(deadline)) };
}

async function openLaneContext(
  options: IngestPipelineOptions,
  metrics: IngesterMetrics,
  logger: Logger,
): Promise<LaneContext> {
  const { bus, streamReplicas, maxKnownSeries, partitions } = options;
  const bucket = await openBucket(bus, LATE_SAMPLES_BUCKET, streamReplicas, { ttlMs: LATE_SAMPLES_TTL_MS });
  const put = async (key: string): Promise<void> => void (await bucket.put(key, new Uint8Array()));
  return {
    ...options,
    metrics,
    logger,
    late: new LateAnnouncer({ put, metrics, logger, now: Date.now }),
    maxKnownSeries: Math.max(MIN_KNOWN_SERIES, Math.ceil(maxKnownSeries / partitions)),
  };
}

async function hold(
  { bus, ingesterLeaseTtl, streamReplicas, partitions }: IngestPipelineOptions,
  keeper: PartitionKeeper<PartitionLane>,
): Promise<PartitionHolding> {
  if (ingesterLeaseTtl === undefined) return holdAllPartitions(keeper, partitions);
  const leases = await Leases.open(bus, { holder: LEASE_HOLDER, ttlMs: ingesterLeaseTtl, replicas: streamReplicas });
  return sharePartitions(keeper, leases, partitions);
}

function observeLag(
  { bus, partitions }: IngestPipelineOptions,
  keeper: PartitionKeeper<PartitionLane>,
  holding: PartitionHolding,
  metrics: IngesterMetrics,
  logger: Logger,
): LagObserver {
  const surplus = new Set<number>();
  const observer = new LagObserver({
    readBacklog: async () => readStreamBacklog(bus),
    oldestAtMs: async (partition) => new PartitionMessages(bus.manager.streams, partition).oldestAtMs(),
    lanes: () => keeper.lanes,
    onPartition: (partition) => {
      if (partition < partitions || surplus.has(partition)) return;
      surplus.add(partition);
      logger.warn({ partition, partitions }, "a sender uses more partitions than this ingester; they are read as well");
      holding.add(partition);
    },
    onStalled: (partition) => {
      metrics.partitionChanges.inc({ change: "stalled" });
      logger.warn({ partition }, "messages wait and none is delivered; the consumer is made again");
      const remade = bus.manager.consumers.delete(SAMPLES_STREAM, ingesterConsumerName(partition));
      remade.then(
        () => holding.giveUp(partition),
        (error: unknown) => logger.warn({ partition, reason: messageOf(error) }, "the consumer was not removed"),
      );
    },
    metrics,
    logger,
    now: Date.now,
  });
  void observer.look();
  return observer;
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
