import { BATCH_TARGET_BYTES, type BatchExemplar, SampleBatchBuilder, samplesSubject } from "@monotreme/contracts";
import { messageOf } from "@monotreme/errors";
import type { Labels, MetricMetadata, NativeHistogram } from "@monotreme/model";
import { headers, type MsgHdrs, nuid } from "@nats-io/transport-node";
import { context, propagation } from "@opentelemetry/api";
import { BusFullError, BusUnavailableError } from "./bus-errors.ts";
import type { Bus } from "./connect-bus.ts";
import { translateBusError } from "./translate-error.ts";

export interface SampleWriterOptions {
  /** All batches together that are open or wait for their acknowledgement; above it `begin` throws `BUS_FULL`. */
  readonly maxPendingBytes: number;
  /** How long a batch may wait for its acknowledgement, repeats included, before its senders are told to come back. */
  readonly publishDeadlineMs: number;
}

const DEFAULTS: SampleWriterOptions = { maxPendingBytes: 64 * 1024 * 1024, publishDeadlineMs: 10_000 };

/** Publishes under way for one partition; what comes meanwhile gathers in the open batch and shares its message. */
const MAX_IN_FLIGHT = 4;

/** A restart of NATS takes less; whoever waits longer should hear of it and come back. */
const RECONNECT_WAIT_MS = 3000;

/** Builders kept for reuse, up to about a megabyte each. */
const MAX_SPARE_BUILDERS = 8;

/** One request's or one scrape's samples on their way into the stream; fill it without awaiting, then commit. */
export interface SampleAppend {
  /** `partition` from `partitionOf`; `timestampMs` whole epoch ms; ids and value as pairs of 32-bit words. */
  addSample(
    partition: number,
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    timestampMs: number,
    valueLow: number,
    valueHigh: number,
  ): void;
  /** A native histogram in place of a float; a staleness marker is a sample. */
  addHistogram(
    partition: number,
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    timestampMs: number,
    histogram: NativeHistogram,
  ): void;
  /** When the counting of the series' sample or histogram of that time began, both in whole epoch ms. */
  addStart(
    partition: number,
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    timestampMs: number,
    startMs: number,
  ): void;
  addExemplar(partition: number, exemplar: BatchExemplar): void;
  /** Names a series for a day (days since 1970-01-01); `onDurable` runs when the message was acknowledged. */
  announce(
    partition: number,
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    day: number,
    labels: Labels,
    onDurable: () => void,
  ): void;
  addMetadata(metadata: MetricMetadata): void;
  /**
   * Resolves when JetStream has acknowledged every message that carries a part of this append; rejects with an error of
   * kind `unavailable` where one of them was not accepted (parts may have been: sending all again is harmless).
   */
  commit(): Promise<void>;
}

/** Where samples go; what needs no more than this takes it instead of the writer. */
export interface SampleSink {
  begin(tenant: string): SampleAppend;
}

interface OpenBatch {
  readonly builder: SampleBatchBuilder;
  readonly onDurable: (() => void)[];
  readonly acknowledged: Promise<void>;
  readonly settle: (error: Error | undefined) => void;
  isSealed: boolean;
}

/** The batches of one tenant and partition: at most one open, the sealed ones on their way. */
interface Lane {
  readonly tenant: string;
  readonly partition: number;
  open: OpenBatch | undefined;
  readonly sealed: OpenBatch[];
  inFlight: number;
}

/**
 * Packs samples of many requests into few large messages (group commit): a batch leaves at once while fewer than four
 * are on their way, and gathers up to 512 kB otherwise. Memory is bounded by `maxPendingBytes`.
 */
export class SampleWriter implements SampleSink {
  readonly #bus: Bus;
  readonly #options: SampleWriterOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #pending = new Set<Promise<void>>();
  /** Emptied builders: their columns have grown to the size of a batch already. */
  readonly #spareBuilders: SampleBatchBuilder[] = [];
  #pendingBytes = 0;
  #isClosed = false;

  constructor(bus: Bus, options: Partial<SampleWriterOptions> = {}) {
    this.#bus = bus;
    this.#options = { ...DEFAULTS, ...options };
  }

  /** Throws `BUS_FULL` while too much waits for its acknowledgement, `BUS_UNAVAILABLE` after `close`. */
  begin(tenant: string): SampleAppend {
    if (this.#isClosed) throw new BusUnavailableError("this process is shutting down");
    if (this.#pendingBytes >= this.#options.maxPendingBytes) {
      this.#bus.metrics.publishFailures.inc({ reason: "BUS_FULL" });
      throw new BusFullError(`${this.#pendingBytes} bytes already wait for NATS; try again later`);
    }
    return new Append(tenant, this);
  }

  /** Resolves when everything that was committed is settled; `begin` throws from now on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }

  openBatch(tenant: string, partition: number): OpenBatch {
    const lane = this.#laneOf(tenant, partition);
    lane.open ??= createOpenBatch(this.#takeBuilder(tenant));
    return lane.open;
  }

  /** Closes a full batch; the next sample opens a new one. */
  seal(tenant: string, partition: number): void {
    const lane = this.#laneOf(tenant, partition);
    const batch = lane.open;
    if (batch === undefined) return;
    batch.isSealed = true;
    lane.open = undefined;
    lane.sealed.push(batch);
    this.#pendingBytes += batch.builder.sizeBytes;
    this.#bus.metrics.pendingBytes.set(this.#pendingBytes);
  }

  /** Sends what may go now. */
  pump(tenant: string, partition: number): void {
    const lane = this.#laneOf(tenant, partition);
    while (lane.inFlight < MAX_IN_FLIGHT) {
      if (lane.sealed.length === 0) {
        if (lane.open === undefined || lane.open.builder.isEmpty) return;
        this.seal(tenant, partition);
      }
      const batch = lane.sealed.shift() as OpenBatch;
      lane.inFlight++;
      const sending = this.#send(lane, batch);
      this.#pending.add(sending);
      void sending.finally(() => this.#pending.delete(sending));
    }
  }

  #laneOf(tenant: string, partition: number): Lane {
    const key = `${partition}/${tenant}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { tenant, partition, open: undefined, sealed: [], inFlight: 0 };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #takeBuilder(tenant: string): SampleBatchBuilder {
    const spare = this.#spareBuilders.pop();
    if (spare === undefined) return new SampleBatchBuilder(tenant);
    spare.reuseFor(tenant);
    return spare;
  }

  /** Never rejects: the batch's promise tells its senders. */
  async #send(lane: Lane, batch: OpenBatch): Promise<void> {
    const sizeBytes = batch.builder.sizeBytes;
    try {
      const message = batch.builder.encode();
      if (this.#spareBuilders.length < MAX_SPARE_BUILDERS) this.#spareBuilders.push(batch.builder);
      await this.#publish(lane.partition, message);
      for (const onDurable of batch.onDurable) onDurable();
      batch.settle(undefined);
    } catch (error) {
      const fault = translateBusError(error, "publish samples");
      this.#bus.metrics.publishFailures.inc({ reason: fault.code });
      batch.settle(fault);
    }
    lane.inFlight--;
    this.#pendingBytes -= sizeBytes;
    this.#bus.metrics.pendingBytes.set(this.#pendingBytes);
    this.pump(lane.tenant, lane.partition);
    if (lane.inFlight === 0 && lane.open === undefined && lane.sealed.length === 0) {
      this.#lanes.delete(`${lane.partition}/${lane.tenant}`);
    }
  }

  async #publish(partition: number, message: Uint8Array): Promise<void> {
    const { metrics } = this.#bus;
    // One id for all repeats: JetStream drops those that it already has.
    const options = { msgID: nuid.next(), timeout: 2500, ...traceHeaders() };
    const deadline = performance.now() + this.#options.publishDeadlineMs;
    const stopTimer = metrics.publishSeconds.startTimer();
    for (;;) {
      await this.#requireConnection(deadline);
      try {
        await this.#bus.jetstream.publish(samplesSubject(partition), message, options);
        stopTimer();
        metrics.publishedMessages.inc();
        metrics.publishedBytes.inc(message.length);
        return;
      } catch (error) {
        const fault = translateBusError(error, "publish samples");
        if (fault.code !== "BUS_UNAVAILABLE" || performance.now() >= deadline) throw fault;
        metrics.publishRetries.inc();
        this.#bus.logger.debug({ reason: messageOf(fault) }, "publish repeated");
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async #requireConnection(deadline: number): Promise<void> {
    const leftMs = Math.max(0, deadline - performance.now());
    const isConnected = await this.#bus.waitUntilConnected(Math.min(leftMs, RECONNECT_WAIT_MS));
    if (!isConnected) throw new BusUnavailableError("not connected");
  }
}

class Append implements SampleAppend {
  readonly #tenant: string;
  readonly #writer: SampleWriter;
  readonly #batches = new Map<number, OpenBatch>();
  readonly #acknowledged = new Set<Promise<void>>();

  constructor(tenant: string, writer: SampleWriter) {
    this.#tenant = tenant;
    this.#writer = writer;
  }

  addSample(
    partition: number,
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    timestampMs: number,
    valueLow: number,
    valueHigh: number,
  ): void {
    const { builder } = this.#batchOf(partition);
    builder.addSample(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, timestampMs, valueLow, valueHigh);
  }

  addHistogram(
    partition: number,
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    timestampMs: number,
    histogram: NativeHistogram,
  ): void {
    const { builder } = this.#batchOf(partition);
    builder.addHistogram(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, timestampMs, histogram);
  }

  addStart(
    partition: number,
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    timestampMs: number,
    startMs: number,
  ): void {
    const { builder } = this.#batchOf(partition);
    builder.addStart(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, timestampMs, startMs);
  }

  addExemplar(partition: number, exemplar: BatchExemplar): void {
    this.#batchOf(partition).builder.addExemplar(exemplar);
  }

  announce(
    partition: number,
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    day: number,
    labels: Labels,
    onDurable: () => void,
  ): void {
    const batch = this.#batchOf(partition);
    batch.builder.announce(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, day, labels);
    batch.onDurable.push(onDurable);
  }

  addMetadata(metadata: MetricMetadata): void {
    this.#batchOf(0).builder.addMetadata(metadata);
  }

  async commit(): Promise<void> {
    for (const partition of this.#batches.keys()) this.#writer.pump(this.#tenant, partition);
    await Promise.all(this.#acknowledged);
  }

  #batchOf(partition: number): OpenBatch {
    let batch = this.#batches.get(partition);
    if (batch !== undefined && !batch.isSealed) {
      if (batch.builder.sizeBytes < BATCH_TARGET_BYTES) return batch;
      this.#writer.seal(this.#tenant, partition);
    }
    batch = this.#writer.openBatch(this.#tenant, partition);
    this.#batches.set(partition, batch);
    this.#acknowledged.add(batch.acknowledged);
    return batch;
  }
}

function createOpenBatch(builder: SampleBatchBuilder): OpenBatch {
  let settle: (error: Error | undefined) => void = () => undefined;
  const acknowledged = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === undefined ? resolve() : reject(error));
  });
  // Every sender that took part awaits the promise; without this a batch that nobody awaits yet could end the process.
  acknowledged.catch(() => undefined);
  return { builder, onDurable: [], acknowledged, settle, isSealed: false };
}

function traceHeaders(): { headers?: MsgHdrs } {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  const entries = Object.entries(carrier);
  if (entries.length === 0) return {};
  const messageHeaders = headers();
  for (const [name, value] of entries) messageHeaders.set(name, value);
  return { headers: messageHeaders };
}
