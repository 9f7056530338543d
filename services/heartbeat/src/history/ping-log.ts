import { randomUUID } from "node:crypto";
import { type Bus, MessagePuller, publishDeadLetter } from "@monotreme/bus";
import { type ClickHouse, runMigrations } from "@monotreme/clickhouse";
import { Breather } from "@monotreme/clock";
import {
  decodePingRecord,
  type MessagePart,
  PACKED_FLIPS_SUBJECT,
  PACKED_PINGS_SUBJECT,
  PING_LOG_CONSUMER,
  type PingRecord,
  PINGS_STREAM,
  unpackMessages,
} from "@monotreme/contracts";
import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import type { JsMsg } from "@nats-io/jetstream";
import type { HeartbeatMetrics } from "../metrics.ts";
import { decodeFlipRecord, type FlipRecord } from "./flip-record.ts";
import { HISTORY_MIGRATION, retentionStatements } from "./history-migration.ts";
import { flipColumns, pingColumns } from "./history-rows.ts";

export interface PingLogOptions {
  readonly bus: Bus;
  readonly clickhouse: ClickHouse;
  /** How long pings are kept. */
  readonly retentionMs: number;
  readonly metrics: HeartbeatMetrics;
  readonly logger: Logger;
}

/** Written within a few milliseconds: whoever pings meanwhile waits for that. */
const MAX_BATCH_ROWS = 1000;
const MAX_BATCH_BYTES = 16 * 2 ** 20;
const BATCH_MS = 500;
/** Of the subjects of flips. */
const FLIPS_END = ".flips";
const PACKED: ReadonlySet<string> = new Set([PACKED_PINGS_SUBJECT, PACKED_FLIPS_SUBJECT]);
const MAX_BYTES = 8 * 2 ** 20;
const MAX_WAITING_MESSAGES = 20_000;
/** Pings wait while records are read. */
const STRETCH_MS = 4;
/** Longer than the longest pause between two tries, each of which says that work goes on. */
const ACK_WAIT_MS = 60_000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5000;

interface Batch {
  readonly messages: JsMsg[];
  readonly pings: PingRecord[];
  readonly flips: FlipRecord[];
  bytes: number;
}

/**
 * Writes pings and flips from the stream into ClickHouse, many at once, and acknowledges them when they are stored. While
 * ClickHouse is away they wait in the stream. What is written twice replaces itself. Holds two batches at most.
 */
export class PingLog {
  readonly #options: PingLogOptions;
  readonly #puller: MessagePuller;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #batch = emptyBatch();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: PingLogOptions) {
    this.#options = options;
    this.#puller = new MessagePuller(options.bus, {
      stream: PINGS_STREAM,
      consumer: PING_LOG_CONSUMER,
      filterSubject: "pings.>",
      maxBytes: MAX_BYTES,
      ackWaitMs: ACK_WAIT_MS,
      maxAckPending: MAX_WAITING_MESSAGES,
    });
    this.#running = this.#run();
  }

  /** Writes what is in hand once more and stops; what could not be written comes again at the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#puller.stop();
    await this.#running;
    await this.#flush();
  }

  async #run(): Promise<void> {
    await this.#migrate();
    const breather = new Breather(STRETCH_MS);
    for await (const message of this.#puller) {
      if (this.#stop.signal.aborted) {
        message.nak();
        continue;
      }
      await this.#take(message);
      if (rowsOf(this.#batch) >= MAX_BATCH_ROWS || this.#batch.bytes >= MAX_BATCH_BYTES) await this.#flush();
      else this.#timer ??= setTimeout(() => void this.#flush(), BATCH_MS);
      const pause = breather.breathe();
      if (pause !== undefined) await pause;
    }
  }

  async #take(message: JsMsg): Promise<void> {
    const { subject, data } = message;
    let parts: readonly MessagePart[];
    try {
      parts = PACKED.has(subject) ? unpackMessages(data) : [{ subject, data }];
    } catch (error) {
      parts = [];
      if (!(await this.#putAside(message, { subject, data }, messageOf(error)))) return;
    }
    for (const part of parts) {
      try {
        this.#add(part);
      } catch (error) {
        if (!(await this.#putAside(message, part, messageOf(error)))) return;
      }
    }
    this.#batch.messages.push(message);
    this.#batch.bytes += data.length;
  }

  /** Throws for what is no record. */
  #add({ subject, data }: MessagePart): void {
    if (subject.endsWith(FLIPS_END)) this.#batch.flips.push(decodeFlipRecord(data));
    else this.#batch.pings.push(decodePingRecord(data));
  }

  /** Never rejects. Batches are written one after the other. */
  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#batch;
    if (batch.messages.length > 0) {
      this.#batch = emptyBatch();
      this.#writing = this.#writing.then(async () => this.#write(batch));
    }
    await this.#writing;
  }

  async #write(batch: Batch): Promise<void> {
    const { metrics, logger } = this.#options;
    // The same for every try: an insert whose answer was lost adds nothing when it is repeated.
    const token = randomUUID();
    for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_RETRY_MS)) {
      try {
        await this.#insert(batch, token);
        for (const message of batch.messages) message.ack();
        metrics.historyRows.inc({ table: "pings" }, batch.pings.length);
        metrics.historyRows.inc({ table: "flips" }, batch.flips.length);
        return;
      } catch (error) {
        metrics.historyFailures.inc();
        logger.warn({ reason: messageOf(error), rows: rowsOf(batch) }, "pings wait for ClickHouse");
        if (this.#stop.signal.aborted) return;
        for (const message of batch.messages) message.working();
        await this.#pause(delayMs);
      }
    }
  }

  async #insert({ pings, flips }: Batch, token: string): Promise<void> {
    const { clickhouse } = this.#options;
    const options = { deduplicationToken: token };
    if (pings.length > 0) await clickhouse.insertNative("heartbeat_pings", pingColumns(pings), pings.length, options);
    if (flips.length > 0) await clickhouse.insertNative("heartbeat_flips", flipColumns(flips), flips.length, options);
  }

  /** Waits for ClickHouse; never rejects. Until then everything waits in the stream. */
  async #migrate(): Promise<void> {
    const { clickhouse, logger, retentionMs } = this.#options;
    let delayMs = FIRST_RETRY_MS;
    while (!this.#stop.signal.aborted) {
      try {
        await runMigrations(clickhouse, [HISTORY_MIGRATION], { logger, waitMs: 0 });
        for (const statement of retentionStatements(retentionMs)) await clickhouse.command(statement);
        return;
      } catch (error) {
        logger.warn({ reason: messageOf(error) }, "the tables of pings wait for ClickHouse");
      }
      await this.#pause(delayMs);
      delayMs = Math.min(2 * delayMs, LONGEST_RETRY_MS);
    }
  }

  /** Whether it is among the dead letters; if not, the whole message comes again. */
  async #putAside(message: JsMsg, { subject, data }: MessagePart, reason: string): Promise<boolean> {
    const { bus, metrics, logger } = this.#options;
    const { seq: sequence } = message;
    try {
      await publishDeadLetter(bus, { stream: PINGS_STREAM, subject, sequence, reason, data });
      metrics.historyDeadLetters.inc();
      logger.error({ sequence, reason }, "unreadable ping put into the dead letters");
      return true;
    } catch (error) {
      logger.warn({ reason: messageOf(error), sequence }, "an unreadable ping was not put aside, it comes again");
      message.nak(1000);
      return false;
    }
  }

  async #pause(delayMs: number): Promise<void> {
    const { signal } = this.#stop;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, delayMs);
      signal.addEventListener("abort", end, { once: true });
      if (signal.aborted) end();
    });
  }
}

function rowsOf({ pings, flips }: Batch): number {
  return pings.length + flips.length;
}

function emptyBatch(): Batch {
  return { messages: [], pings: [], flips: [], bytes: 0 };
}
