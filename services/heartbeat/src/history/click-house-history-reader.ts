import type { Bus } from "@monotreme/bus";
import type { ClickHouse } from "@monotreme/clickhouse";
import type { PingRecord } from "@monotreme/contracts";
import { AppError } from "@monotreme/errors";
import type { FlipRecord } from "./flip-record.ts";
import type { NewestPing } from "./last-ping.ts";
import type { FlipRange, HistoryReader, LoggedPing } from "./history-reader.ts";
import { bodyRowSchema, flipRowSchema, newestRowSchema, PING_COLUMNS, pingRowSchema } from "./history-rows.ts";
import { WaitingRecords } from "./waiting-records.ts";

export interface ClickHouseHistoryReaderOptions {
  /** Undefined: there is no history. */
  readonly clickhouse: ClickHouse | undefined;
  readonly waiting: WaitingRecords;
}

const MAX_FLIPS = 10_000;

/** Reads the store and what waits for it: first the latter, so that what moves meanwhile is seen in either place. */
export class ClickHouseHistoryReader implements HistoryReader {
  readonly #options: ClickHouseHistoryReaderOptions;

  constructor(options: ClickHouseHistoryReaderOptions) {
    this.#options = options;
  }

  async pings(checkId: string, limit: number): Promise<readonly LoggedPing[]> {
    const clickhouse = this.#store();
    const waiting = await this.#options.waiting.pings(checkId);
    const rows = await clickhouse.queryRows(
      `SELECT ${PING_COLUMNS} FROM heartbeat_pings WHERE check_id = {check:String}
      ORDER BY at DESC, number DESC LIMIT 1 BY at, number LIMIT {limit:UInt32}`,
      { parameters: { check: checkId, limit } },
    );
    const found = new Map(rows.map((row) => pingRowSchema.parse(row)).map((ping) => [keyOf(ping), ping]));
    for (const ping of waiting) found.set(keyOf(ping), withoutBody(ping));
    return [...found.values()].toSorted((a, b) => b.atMs - a.atMs || b.number - a.number).slice(0, limit);
  }

  async body(checkId: string, number: number): Promise<Uint8Array | undefined> {
    const clickhouse = this.#store();
    const waiting = await this.#options.waiting.pings(checkId);
    const found = waiting.findLast((ping) => ping.number === number);
    if (found !== undefined) return found.body;
    const [row] = await clickhouse.queryRows(
      `SELECT body, is_binary FROM heartbeat_pings WHERE check_id = {check:String} AND number = {number:Int64}
      ORDER BY at DESC LIMIT 1`,
      { parameters: { check: checkId, number } },
    );
    return row === undefined ? undefined : bodyRowSchema.parse(row);
  }

  /** The newest ping of those that are stored or wait by themselves; the store is only asked where none waits. */
  async newest(checkId: string): Promise<NewestPing> {
    const waiting = await this.#options.waiting.newestPing(checkId);
    if (waiting !== undefined) return waiting;
    const [row] = await this.#store().queryRows(
      `SELECT number, exit_status, body, is_binary FROM heartbeat_pings WHERE check_id = {check:String}
      ORDER BY at DESC, number DESC LIMIT 1`,
      { parameters: { check: checkId } },
    );
    if (row === undefined) return { number: 0, exitStatus: undefined, body: new Uint8Array() };
    return { ...newestRowSchema.parse(row), body: bodyRowSchema.parse(row) };
  }

  async flips(checkId: string, { fromMs, toMs }: FlipRange): Promise<readonly FlipRecord[]> {
    const clickhouse = this.#store();
    const waiting = await this.#options.waiting.flips(checkId);
    const rows = await clickhouse.queryRows(
      `SELECT check_id, project, at, from_status, to_status, reason FROM heartbeat_flips FINAL
      WHERE check_id = {check:String} AND at BETWEEN {from:Int64} AND {to:Int64}
      ORDER BY at DESC LIMIT {limit:UInt32}`,
      { parameters: { check: checkId, from: Math.trunc(fromMs), to: Math.trunc(toMs), limit: MAX_FLIPS } },
    );
    const flips = new Map(rows.map((row) => flipRowSchema.parse(row)).map((flip) => [flipKeyOf(flip), flip]));
    for (const flip of waiting) {
      if (flip.atMs >= fromMs && flip.atMs <= toMs) flips.set(flipKeyOf(flip), flip);
    }
    return [...flips.values()].toSorted((a, b) => b.atMs - a.atMs);
  }

  #store(): ClickHouse {
    const { clickhouse } = this.#options;
    if (clickhouse !== undefined) return clickhouse;
    throw new AppError(
      "HEARTBEAT_HISTORY_OFF",
      "unavailable",
      "pings and flips are not kept: there is no ClickHouse, see --clickhouse.url",
    );
  }
}

/** The history as it is in ClickHouse and in the stream; without ClickHouse there is none. */
export function openHistory(bus: Bus, clickhouse: ClickHouse | undefined): ClickHouseHistoryReader {
  return new ClickHouseHistoryReader({ clickhouse, waiting: new WaitingRecords(bus) });
}

function keyOf({ atMs, number }: LoggedPing | PingRecord): string {
  return `${atMs}/${number}`;
}

function flipKeyOf({ atMs, from, to }: FlipRecord): string {
  return `${atMs}/${from}/${to}`;
}

function withoutBody({ body, ...ping }: PingRecord): LoggedPing {
  return { ...ping, bodyBytes: body.length };
}
