import type { Logger } from "@monotreme/telemetry";
import type { IngesterMetrics } from "../metrics.ts";
import type { BatchWriter } from "./batch-writer.ts";
import { type InsertPlan, planToken } from "./insert-plan.ts";
import type { DecodedMessage, MessageDecoder } from "./message-decoder.ts";
import type { LateAnnouncer } from "./late-announcer.ts";
import type { PlanLedger } from "./plan-ledger.ts";
import { retryUntilDone } from "./retry.ts";

export interface PlanRecoveryOptions {
  readonly stream: string;
  readonly partition: number;
  readonly ledger: PlanLedger;
  readonly writer: BatchWriter;
  readonly late: LateAnnouncer;
  /** A decoder that knows no series yet: it gives out everything that a batch carries. */
  readonly createDecoder: () => MessageDecoder;
  /** The partition's first message in the stream from a sequence on; undefined where none is left until another one. */
  readonly firstLeft: (from: number, until: number) => Promise<number | undefined>;
  /** Reads a message that is still in the stream; undefined where it was acknowledged. */
  readonly readMessage: (sequence: number) => Promise<Uint8Array | undefined>;
  /** Takes a message out of the stream, as its acknowledgement would; harmless where it is gone. */
  readonly removeMessage: (sequence: number) => Promise<void>;
  readonly metrics: IngesterMetrics;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Finishes the batches that an owner of the partition left behind when it ended in the middle: puts a batch together
 * again from exactly the messages of its plan and inserts it with the same token. Messages are acknowledged only after
 * all inserts of their batch, so one that is gone proves that the batch is stored. The messages are taken out of the
 * stream at once: waiting for their redelivery, the plan would have to be remembered over the next crash, too.
 */
export class PlanRecovery {
  readonly #options: PlanRecoveryOptions;

  constructor(options: PlanRecoveryOptions) {
    this.#options = options;
  }

  /** Takes the partition from its last owner and finishes every plan that this one wrote down. */
  async recoverAll(): Promise<void> {
    const { ledger } = this.#options;
    await this.#retry(() => ledger.claim());
    for (const plan of ledger.plans) {
      if (await this.#retry(() => this.#isAnyLeft(plan))) await this.#recover(plan);
      else ledger.settle(plan);
    }
  }

  /** Finishes the plan to which a message that was delivered again belongs, if there is one. */
  async recoverPlanOf(sequence: number): Promise<void> {
    const plan = this.#options.ledger.planOf(sequence);
    if (plan !== undefined) await this.#recover(plan);
  }

  async #isAnyLeft({ sequences }: InsertPlan): Promise<boolean> {
    const last = Math.max(...sequences);
    const first = await this.#options.firstLeft(Math.min(...sequences), last);
    return first !== undefined && first <= last;
  }

  async #recover(plan: InsertPlan): Promise<void> {
    const { stream, partition, ledger, writer, late, metrics, logger, signal } = this.#options;
    const bodies = await this.#retry(() => this.#readBodies(plan));
    if (bodies !== undefined) {
      const messages = this.#decode(plan, bodies);
      // Its messages are then taken one by one, and the unreadable ones go to the dead letters.
      if (messages === undefined) return;
      await writer.write(messages, { token: planToken(stream, partition, plan), isRepeat: true }, signal);
      await late.announce(messages, signal);
      logger.info({ partition, messages: messages.length }, "finished a batch of an earlier run");
    }
    metrics.planRecoveries.inc({ result: bodies === undefined ? "already_stored" : "inserted_again" });
    ledger.settle(plan);
    for (const sequence of plan.sequences) await this.#retry(() => this.#options.removeMessage(sequence));
  }

  #decode(plan: InsertPlan, bodies: readonly Uint8Array[]): DecodedMessage[] | undefined {
    const decoder = this.#options.createDecoder();
    try {
      return bodies.map((data, i) => decoder.decode(plan.sequences[i] ?? 0, data));
    } catch (error) {
      this.#options.metrics.planRecoveries.inc({ result: "unreadable" });
      this.#options.logger.error({ err: error }, "plan of an earlier run holds an unreadable message");
      return undefined;
    }
  }

  async #readBodies(plan: InsertPlan): Promise<Uint8Array[] | undefined> {
    const bodies: Uint8Array[] = [];
    for (const sequence of plan.sequences) {
      const data = await this.#options.readMessage(sequence);
      if (data === undefined) return undefined;
      bodies.push(data);
    }
    return bodies;
  }

  async #retry<T>(task: () => Promise<T>): Promise<T> {
    const { metrics, logger, signal } = this.#options;
    return retryUntilDone(task, signal, (error, delayMs) => {
      metrics.busFailures.inc();
      logger.warn({ err: error, delayMs }, "plan of an earlier run not readable, trying again");
    });
  }
}
