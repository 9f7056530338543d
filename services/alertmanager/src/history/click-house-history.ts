import { type ClickHouse, type NativeColumn, runMigrations } from "@monotreme/clickhouse";
import { messageOf } from "@monotreme/errors";
import type { Counter, Logger } from "@monotreme/telemetry";
import type { Alert } from "../alerts/alert.ts";
import type { AlertRecord, History, HistoryQuery } from "./history.ts";
import type { AlertChange, NotificationRecord } from "./history-events.ts";
import { HISTORY_MIGRATION } from "./history-migration.ts";
import { alertColumns, alertRowSchema, notificationColumns, notificationRowSchema } from "./history-rows.ts";

export interface ClickHouseHistoryOptions {
  readonly clickhouse: ClickHouse;
  readonly logger: Logger;
  /** Events that were dropped because ClickHouse was away for too long. */
  readonly dropped: Counter;
}

const FLUSH_INTERVAL_MS = 1_000;
/** Events of each kind that wait for ClickHouse; the oldest go first. */
const MAX_WAITING = 20_000;
const ROWS_AT_ONCE = 5_000;

/** What happened, for good: written once a second, and kept in memory while ClickHouse is away. */
export class ClickHouseHistory implements History {
  readonly #options: ClickHouseHistoryOptions;
  readonly #alerts: AlertRecord[] = [];
  readonly #notifications: NotificationRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #isClosed = false;
  #isMigrated = false;

  constructor(options: ClickHouseHistoryOptions) {
    this.#options = options;
    this.#schedule();
  }

  alertChanged(alert: Alert, change: AlertChange, atMs: number): void {
    const { fingerprint, labels, annotations, startsAtMs, generatorUrl } = alert;
    this.#add(this.#alerts, { atMs, change, fingerprint, labels, annotations, startsAtMs, generatorUrl });
  }

  notified(record: NotificationRecord): void {
    this.#add(this.#notifications, record);
  }

  async alerts({ fromMs, toMs, limit, fingerprint = "" }: HistoryQuery): Promise<readonly AlertRecord[]> {
    const rows = await this.#options.clickhouse.queryRows(
      `SELECT * FROM alert_history FINAL
      WHERE at BETWEEN {from:Int64} AND {to:Int64} AND ({fingerprint:String} = '' OR fingerprint = {fingerprint:String})
      ORDER BY at DESC LIMIT {limit:UInt32}`,
      { parameters: { from: fromMs, to: toMs, limit, fingerprint } },
    );
    return rows.map((row) => alertRowSchema.parse(row));
  }

  async notifications(query: HistoryQuery): Promise<readonly NotificationRecord[]> {
    const { fromMs, toMs, limit, fingerprint = "", receiver = "" } = query;
    const rows = await this.#options.clickhouse.queryRows(
      `SELECT * FROM notification_history FINAL
      WHERE at BETWEEN {from:Int64} AND {to:Int64} AND ({receiver:String} = '' OR receiver = {receiver:String})
        AND ({fingerprint:String} = '' OR has(firing, {fingerprint:String}) OR has(resolved, {fingerprint:String}))
      ORDER BY at DESC LIMIT {limit:UInt32}`,
      { parameters: { from: fromMs, to: toMs, limit, fingerprint, receiver } },
    );
    return rows.map((row) => notificationRowSchema.parse(row));
  }

  /** Writes what waits, as far as the deadline allows. */
  async close(deadline: AbortSignal): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#flushing;
    if (!deadline.aborted) await this.#flush(deadline);
  }

  #add<R>(waiting: R[], record: R): void {
    if (waiting.length >= MAX_WAITING) {
      waiting.shift();
      this.#options.dropped.inc();
    }
    waiting.push(record);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#flushing = this.#flush().finally(() => {
        if (!this.#isClosed) this.#schedule();
      });
    }, FLUSH_INTERVAL_MS);
  }

  /** Never rejects: what was not written waits for the next time. */
  async #flush(signal?: AbortSignal): Promise<void> {
    if (this.#isMigrated && this.#alerts.length === 0 && this.#notifications.length === 0) return;
    const { clickhouse, logger } = this.#options;
    try {
      if (!this.#isMigrated) await runMigrations(clickhouse, [HISTORY_MIGRATION], { logger, waitMs: 0 });
      this.#isMigrated = true;
      await this.#write("alert_history", this.#alerts, alertColumns, signal);
      await this.#write("notification_history", this.#notifications, notificationColumns, signal);
    } catch (error) {
      logger.debug({ reason: messageOf(error) }, "the history is written later");
    }
  }

  /** Rows that are written twice replace each other. */
  async #write<R>(
    table: string,
    waiting: R[],
    columnsOf: (records: readonly R[]) => NativeColumn[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    while (waiting.length > 0) {
      const records = waiting.slice(0, ROWS_AT_ONCE);
      const options = signal === undefined ? {} : { signal };
      await this.#options.clickhouse.insertNative(table, columnsOf(records), records.length, options);
      // While it was written, the oldest may have been dropped already.
      const written = new Set(records);
      while (waiting[0] !== undefined && written.has(waiting[0])) waiting.shift();
    }
  }
}
