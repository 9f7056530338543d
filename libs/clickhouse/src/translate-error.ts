import { AppError, type ErrorKind, messageOf } from "@monotreme/errors";

/** A server's exception: its number (https://github.com/ClickHouse/ClickHouse, ErrorCodes.cpp) and its own words. */
export class ClickHouseServerError extends AppError {
  readonly serverCode: number;

  constructor(serverCode: number, text: string) {
    const [code, kind] = SERVER_CODES.get(serverCode) ?? (["CLICKHOUSE_QUERY_FAILED", "internal"] as const);
    super(code, kind, `ClickHouse answered with error ${serverCode}: ${firstLine(text)}`);
    this.serverCode = serverCode;
  }
}

/** ClickHouse could not be reached, broke off, or did not answer in time; the same request may work later. */
export class ClickHouseUnavailableError extends AppError {
  constructor(safeUrl: string, cause: unknown) {
    super("CLICKHOUSE_UNAVAILABLE", "unavailable", `ClickHouse at ${safeUrl} is not available: ${messageOf(cause)}`, {
      cause,
    });
  }
}

const SERVER_CODES: ReadonlyMap<number, readonly [code: string, kind: ErrorKind]> = new Map(
  Object.entries({
    // Too much asked at once, or the server is short of something for now.
    CLICKHOUSE_OVERLOADED: { kind: "unavailable", numbers: [202, 203, 241, 243, 252, 439, 692] },
    // Replication, Keeper, shards and sockets behind the server.
    CLICKHOUSE_UNAVAILABLE: { kind: "unavailable", numbers: [32, 198, 209, 210, 225, 236, 242, 279, 285, 319, 999] },
    // The tables do not exist yet: the migrations have not run.
    CLICKHOUSE_SCHEMA_MISSING: { kind: "unavailable", numbers: [60, 81] },
    CLICKHOUSE_TIMEOUT: { kind: "timeout", numbers: [159, 160] },
    CLICKHOUSE_CANCELED: { kind: "canceled", numbers: [394, 734] },
    CLICKHOUSE_LIMIT: { kind: "limit", numbers: [158, 161, 191, 290, 307, 396] },
    // A pattern that re2 does not take.
    CLICKHOUSE_BAD_PATTERN: { kind: "invalid", numbers: [427] },
    CLICKHOUSE_REFUSED: { kind: "internal", numbers: [192, 193, 194, 497, 516] },
  } satisfies Record<string, { kind: ErrorKind; numbers: number[] }>).flatMap(([code, { kind, numbers }]) =>
    numbers.map((number): [number, readonly [string, ErrorKind]] => [number, [code, kind]]),
  ),
);

const LONGEST_TEXT = 1000;

function firstLine(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  return line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT)}…` : line;
}

/** What the client threw as an AppError; a fault of ours stays as it is. */
export function translateError(safeUrl: string, thrown: unknown): AppError {
  return thrown instanceof AppError ? thrown : new ClickHouseUnavailableError(safeUrl, thrown);
}

/**
 * The exception that a server appends to an answer it could not finish: after the answer's own bytes come
 * `__exception__`, the tag of this answer (from a header, so that data cannot forge it) and the exception.
 */
export function exceptionInTail(tail: Buffer, tag: string): ClickHouseServerError | undefined {
  const opening = `__exception__\r\n${tag}\r\n`;
  const at = tail.lastIndexOf(opening);
  if (at < 0) return undefined;
  const text = tail.toString("utf8", at + opening.length);
  const number = /^Code: (\d+)\./.exec(text)?.[1];
  return new ClickHouseServerError(Number(number ?? 0), text);
}

/** The address without user, password and parameters, for messages. */
export function safeUrlOf(url: string): string {
  if (!URL.canParse(url)) return "<invalid URL>";
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
