import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import type { IngesterMetrics } from "../metrics.ts";
import type { MessageDecoder } from "../write/message-decoder.ts";
import { PartitionTakenError } from "../write/partition-taken-error.ts";
import type { PlanLedger } from "../write/plan-ledger.ts";
import type { PlanRecovery } from "../write/plan-recovery.ts";
import { retryUntilDone } from "../write/retry.ts";
import type { Acknowledgeable, WriteBatcher } from "../write/write-batcher.ts";

/** What the consumer needs of a message from the bus. */
export interface SamplesMessage extends Acknowledgeable {
  readonly seq: number;
  readonly subject: string;
  readonly redelivered: boolean;
  readonly time: Date;
  readonly data: Uint8Array;
  /** Gives the message back, for whoever pulls next. */
  nak(): void;
}

/** An endless sequence of messages that `stop` ends. */
export interface MessageSource extends AsyncIterable<SamplesMessage> {
  stop(): void;
}

export interface SamplesConsumerOptions {
  readonly source: MessageSource;
  readonly batcher: WriteBatcher;
  readonly decoder: MessageDecoder;
  readonly ledger: PlanLedger;
  readonly recovery: PlanRecovery;
  /** Whether the message is still in the stream. */
  readonly isStored: (sequence: number) => Promise<boolean>;
  /** Puts an unreadable message aside; resolves when it is kept. */
  readonly putAside: (message: SamplesMessage, reason: string) => Promise<void>;
  /** Called when the partition turns out to belong to another ingester; nothing more is taken then. */
  readonly onTaken: () => void;
  readonly metrics: IngesterMetrics;
  readonly logger: Logger;
}

/**
 * Takes the messages of one partition to the batcher: finishes first what an earlier run left behind, acknowledges
 * repeats of what is stored already, and puts unreadable messages aside. `close` stops taking; the batcher then writes
 * what it holds.
 */
export class SamplesConsumer {
  readonly #options: SamplesConsumerOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #delivered: number | undefined;

  constructor(options: SamplesConsumerOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Messages that were delivered; undefined while what an earlier run left is put in order. */
  get delivered(): number | undefined {
    return this.#delivered;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#options.source.stop();
    await this.#running;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { source, recovery } = this.#options;
    await this.#guard(() => recovery.recoverAll());
    this.#delivered = 0;
    for await (const message of source) {
      this.#delivered++;
      // What was pulled ahead goes back at once, or it would wait for the end of its acknowledgement time.
      if (this.#stop.signal.aborted) message.nak();
      else await this.#guard(() => this.#take(message));
    }
  }

  /** One message's fault must not stop the others; it is not acknowledged, and so comes again. */
  async #guard(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (error instanceof PartitionTakenError) return this.#giveUp();
      this.#options.metrics.takeFailures.inc();
      this.#options.logger.error({ err: error }, "message not taken, it will be delivered again");
    }
  }

  #giveUp(): void {
    this.#stop.abort();
    this.#options.source.stop();
    this.#options.onTaken();
  }

  async #take(message: SamplesMessage): Promise<void> {
    const { batcher, decoder } = this.#options;
    // A copy of a message that waits here already: the acknowledgement of the first one counts for both.
    if (batcher.holds(message.seq)) return;
    if (await this.#isRepeat(message)) {
      message.ack();
      this.#options.metrics.messages.inc({ result: "repeated" });
      return;
    }
    let decoded: ReturnType<MessageDecoder["decode"]>;
    try {
      decoded = decoder.decode(message.seq, message.data);
    } catch (error) {
      await this.#putAside(message, messageOf(error));
      return;
    }
    await batcher.add(decoded, message, message.time.getTime());
  }

  /** Whether the rows of the message are stored. */
  async #isRepeat(message: SamplesMessage): Promise<boolean> {
    const { ledger, recovery, isStored } = this.#options;
    if (ledger.isSettled(message.seq)) return true;
    if (!message.redelivered) return false;
    await recovery.recoverPlanOf(message.seq);
    return ledger.isSettled(message.seq) || !(await this.#retry(() => isStored(message.seq)));
  }

  /** The message leaves the stream only when its copy is safe. */
  async #putAside(message: SamplesMessage, reason: string): Promise<void> {
    const { putAside, metrics, logger } = this.#options;
    await this.#retry(() => putAside(message, reason));
    // Not `term`: servers before 2.10.4 do not know one with a reason and would keep the message.
    message.ack();
    metrics.messages.inc({ result: "dead_letter" });
    logger.error({ sequence: message.seq, reason }, "unreadable message put into the dead letters");
  }

  async #retry<T>(task: () => Promise<T>): Promise<T> {
    const { metrics, logger } = this.#options;
    return retryUntilDone(task, this.#stop.signal, (error, delayMs) => {
      metrics.busFailures.inc();
      logger.warn({ err: error, delayMs }, "bus did not answer, trying again");
    });
  }
}
