import type { Bus } from "@monotreme/bus";
import { partitionOfSubject, SAMPLES_STREAM, SAMPLES_SUBJECTS } from "@monotreme/contracts";
import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import type { IngesterMetrics } from "../metrics.ts";

/** What lies in the stream, by partition. */
export interface StreamBacklog {
  readonly messages: number;
  readonly bytes: number;
  /** Messages of each partition that has any. */
  readonly byPartition: ReadonlyMap<number, number>;
}

/** What the observer needs of a lane. */
export interface ObservedLane {
  readonly oldestPublishedAtMs: number | undefined;
  /** Messages that were delivered so far; undefined while none can be. */
  readonly delivered: number | undefined;
}

export interface LagObserverOptions {
  readonly readBacklog: () => Promise<StreamBacklog>;
  /** When the partition's first message entered the stream, epoch ms. */
  readonly oldestAtMs: (partition: number) => Promise<number | undefined>;
  /** The partitions that this process owns. */
  readonly lanes: () => ReadonlyMap<number, ObservedLane>;
  /** A partition holds messages; called for each at every look. */
  readonly onPartition: (partition: number) => void;
  /** Messages wait, and the server has delivered none for half a minute: its consumer has to be made again. */
  readonly onStalled: (partition: number) => void;
  readonly metrics: IngesterMetrics;
  readonly logger: Logger;
  readonly now: () => number;
}

const LOOK_EVERY_MS = 5000;
/** So many looks without a delivery while messages wait mean that the server has forgotten its consumer. */
const STALLED_LOOKS = 6;

/** A lane that held nothing while messages waited for it. */
interface Wait {
  readonly lane: ObservedLane;
  readonly delivered: number;
  readonly looks: number;
}

/**
 * Looks every five seconds how much waits in the stream, and says so in the metrics: of each partition that this process
 * owns, so that sums over all ingesters are right, and of the whole stream, the same in all of them.
 */
export class LagObserver {
  readonly #options: LagObserverOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #waits = new Map<number, Wait>();
  #shown = new Set<number>();
  #looking: Promise<void> | undefined;

  constructor(options: LagObserverOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** Looks now; never rejects. Calls during a look share it. */
  async look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { readBacklog, onPartition, metrics, logger } = this.#options;
    try {
      const backlog = await readBacklog();
      metrics.backlogMessages.set(backlog.messages);
      metrics.backlogBytes.set(backlog.bytes);
      for (const partition of backlog.byPartition.keys()) onPartition(partition);
      await this.#showOwned(backlog);
    } catch (error) {
      // The gauges keep what they said; that NATS is away has a metric of its own.
      logger.debug({ reason: messageOf(error) }, "lag of the sample stream not read");
    }
  }

  async #showOwned(backlog: StreamBacklog): Promise<void> {
    const { lanes, metrics } = this.#options;
    const meanBytes = backlog.messages === 0 ? 0 : backlog.bytes / backlog.messages;
    const shown = new Set<number>();
    for (const [partition, lane] of lanes()) {
      const messages = backlog.byPartition.get(partition) ?? 0;
      const ageSeconds = messages === 0 ? 0 : await this.#ageSecondsOf(partition, lane);
      this.#watchStall(partition, lane, messages);
      shown.add(partition);
      const labels = { partition: String(partition) };
      metrics.partitionLagMessages.set(labels, messages);
      metrics.partitionLagBytes.set(labels, Math.round(messages * meanBytes));
      metrics.partitionLagSeconds.set(labels, ageSeconds);
    }
    for (const partition of this.#shown) if (!shown.has(partition)) this.#hide(partition);
    for (const partition of this.#waits.keys()) if (!shown.has(partition)) this.#waits.delete(partition);
    this.#shown = shown;
  }

  /** A consumer may come out of a restart of the servers without delivering ever again. */
  #watchStall(partition: number, lane: ObservedLane, messages: number): void {
    const { delivered, oldestPublishedAtMs } = lane;
    if (messages === 0 || delivered === undefined || oldestPublishedAtMs !== undefined) {
      this.#waits.delete(partition);
      return;
    }
    const before = this.#waits.get(partition);
    const isSame = before?.lane === lane && before.delivered === delivered;
    const looks = isSame ? before.looks + 1 : 1;
    if (looks <= STALLED_LOOKS) {
      this.#waits.set(partition, { lane, delivered, looks });
      return;
    }
    this.#waits.delete(partition);
    this.#options.onStalled(partition);
  }

  async #ageSecondsOf(partition: number, lane: ObservedLane): Promise<number> {
    const oldestMs = lane.oldestPublishedAtMs ?? (await this.#options.oldestAtMs(partition));
    return oldestMs === undefined ? 0 : Math.max(0, this.#options.now() - oldestMs) / 1000;
  }

  /** Another ingester says it from now on. */
  #hide(partition: number): void {
    const { partitionLagMessages, partitionLagBytes, partitionLagSeconds } = this.#options.metrics;
    const labels = { partition: String(partition) };
    for (const gauge of [partitionLagMessages, partitionLagBytes, partitionLagSeconds]) gauge.remove(labels);
  }
}

/** Asks the server what waits in the stream of samples. */
export async function readStreamBacklog(bus: Bus): Promise<StreamBacklog> {
  const { state } = await bus.manager.streams.info(SAMPLES_STREAM, { subjects_filter: SAMPLES_SUBJECTS });
  const byPartition = new Map<number, number>();
  for (const [subject, messages] of Object.entries(state.subjects ?? {})) {
    const partition = partitionOfSubject(subject);
    if (partition !== undefined) byPartition.set(partition, messages);
  }
  return { messages: state.messages, bytes: state.bytes, byPartition };
}
