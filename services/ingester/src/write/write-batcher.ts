import type { Logger } from "@monotreme/telemetry";
import type { IngesterMetrics } from "../metrics.ts";
import type { BatchWriter } from "./batch-writer.ts";
import { type InsertPlan, planToken } from "./insert-plan.ts";
import type { DecodedMessage } from "./message-decoder.ts";
import type { LateAnnouncer } from "./late-announcer.ts";
import type { PlanLedger } from "./plan-ledger.ts";
import { PartitionTakenError } from "./partition-taken-error.ts";
import { retryUntilDone } from "./retry.ts";

/** What the batcher needs of a message from the bus. */
export interface Acknowledgeable {
  ack(): void;
  /** Tells the server that the message is still being worked on. */
  working(): void;
}

export interface WriteBatcherOptions {
  readonly stream: string;
  readonly partition: number;
  readonly writer: BatchWriter;
  readonly late: LateAnnouncer;
  readonly ledger: PlanLedger;
  readonly metrics: IngesterMetrics;
  readonly logger: Logger;
  readonly maxBytes: number;
  readonly maxMessages: number;
  readonly lingerMs: number;
  /** How often `working` is called for what is held. */
  readonly heartbeatMs: number;
  readonly now: () => number;
  /** Called when a batch could not be written because the partition belongs to another ingester. */
  readonly onTaken: () => void;
}

interface HeldMessage {
  readonly decoded: DecodedMessage;
  readonly handle: Acknowledgeable;
  /** When the message entered the stream, epoch ms. */
  readonly publishedAtMs: number;
}

/**
 * Collects the messages of one partition and writes them in batches, one after the other: plan, inserts, what is late
 * of them, then the acknowledgements. Holds at most two batches (one being written, one being collected); when both are full, `add` waits,
 * and so the consumer stops pulling. While a store is down it keeps trying and tells the server so.
 */
export class WriteBatcher {
  readonly #options: WriteBatcherOptions;
  readonly #held = new Map<number, HeldMessage>();
  readonly #stop = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;
  #collecting: HeldMessage[] = [];
  #collectingBytes = 0;
  #linger: NodeJS.Timeout | undefined;
  #isDue = false;
  #writing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: WriteBatcherOptions) {
    this.#options = options;
    this.#heartbeat = setInterval(() => this.#tellWorking(), options.heartbeatMs);
  }

  /** Whether the message waits here for its insert. */
  holds(sequence: number): boolean {
    return this.#held.has(sequence);
  }

  /** When the oldest message that waits here entered the stream, epoch ms; undefined where none waits. */
  get oldestPublishedAtMs(): number | undefined {
    let oldestMs: number | undefined;
    for (const { publishedAtMs } of this.#held.values()) {
      if (oldestMs === undefined || publishedAtMs < oldestMs) oldestMs = publishedAtMs;
    }
    return oldestMs;
  }

  /** Takes a message; resolves when there is room for the next one. */
  async add(decoded: DecodedMessage, handle: Acknowledgeable, publishedAtMs: number): Promise<void> {
    const message = { decoded, handle, publishedAtMs };
    this.#held.set(decoded.sequence, message);
    this.#collecting.push(message);
    this.#collectingBytes += decoded.sizeBytes;
    this.#options.metrics.heldBytes.inc(decoded.sizeBytes);
    this.#linger ??= setTimeout(() => this.#writeIfPossible(true), this.#options.lingerMs);
    this.#writeIfPossible(this.#isFull);
    while (this.#isFull && this.#writing !== undefined) await this.#writing;
  }

  /** From the deadline on nothing is tried again; what is not written then stays in the stream. */
  giveUpAt(deadline: AbortSignal): void {
    const giveUp = (): void => this.#stop.abort(deadline.reason);
    if (deadline.aborted) giveUp();
    else deadline.addEventListener("abort", giveUp, { once: true });
  }

  /** Writes what is held. Call it when no more messages come; it ends early as told by `giveUpAt`. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  get #isFull(): boolean {
    return this.#collectingBytes >= this.#options.maxBytes || this.#collecting.length >= this.#options.maxMessages;
  }

  async #close(): Promise<void> {
    this.#writeIfPossible(true);
    while (this.#writing !== undefined) await this.#writing;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#linger);
  }

  #writeIfPossible(isDue: boolean): void {
    this.#isDue ||= isDue;
    if (!this.#isDue || this.#writing !== undefined || this.#collecting.length === 0) return;
    const messages = this.#collecting;
    this.#collecting = [];
    this.#collectingBytes = 0;
    this.#isDue = false;
    clearTimeout(this.#linger);
    this.#linger = undefined;
    this.#writing = this.#write(messages).finally(() => {
      this.#writing = undefined;
      this.#writeIfPossible(this.#isFull || this.#closing !== undefined);
    });
  }

  /** Never rejects: what could not be written is not acknowledged, and so comes again. */
  async #write(messages: readonly HeldMessage[]): Promise<void> {
    const { stream, partition, writer, late, ledger, metrics, logger, now, onTaken } = this.#options;
    const plan: InsertPlan = { sequences: messages.map(({ decoded }) => decoded.sequence) };
    const { signal } = this.#stop;
    try {
      await this.#record(plan, signal);
      const decoded = messages.map((message) => message.decoded);
      await writer.write(decoded, { token: planToken(stream, partition, plan), isRepeat: false }, signal);
      await late.announce(decoded, signal);
      ledger.settle(plan);
      for (const { handle, publishedAtMs } of messages) {
        handle.ack();
        metrics.storeSeconds.observe(Math.max(0, now() - publishedAtMs) / 1000);
      }
      metrics.messages.inc({ result: "stored" }, messages.length);
    } catch (error) {
      logger.warn({ err: error, messages: messages.length }, "batch given up, its messages stay in the stream");
      if (error instanceof PartitionTakenError) onTaken();
    } finally {
      for (const { decoded } of messages) {
        this.#held.delete(decoded.sequence);
        metrics.heldBytes.dec(decoded.sizeBytes);
      }
    }
  }

  async #record(plan: InsertPlan, signal: AbortSignal): Promise<void> {
    const { ledger, metrics, logger } = this.#options;
    let mustReload = false;
    await retryUntilDone(
      async () => {
        if (mustReload) await ledger.reload();
        mustReload = true;
        await ledger.record(plan);
      },
      signal,
      (error, delayMs) => {
        metrics.busFailures.inc();
        logger.warn({ err: error, delayMs }, "insert plan not written, trying again");
      },
    );
  }

  #tellWorking(): void {
    for (const { handle } of this.#held.values()) handle.working();
  }
}
