import { Readable } from "node:stream";
import { type ClickHouseClient, ClickHouseLogLevel, type ClickHouseSettings, createClient } from "@clickhouse/client";
import { AppError } from "@monotreme/errors";
import { AnswerStream } from "./answer-stream.ts";
import type { NativeBlock } from "./native-block.ts";
import type { NativeColumn } from "./native-columns.ts";
import { decodeNativeBlocks } from "./native-reader.ts";
import { encodeNativeBlock } from "./native-writer.ts";
import { ClickHouseServerError, safeUrlOf, translateError } from "./translate-error.ts";

export interface ClickHouseOptions {
  /** `http://user:password@host:8123`. */
  readonly url: string;
  readonly database: string;
  /** Connections of this client, idle ones included; further requests wait for a free one. */
  readonly maxConnections?: number;
  /** A request without a byte for that long is given up. */
  readonly idleTimeoutMs?: number;
  /** Settings of all reads of blocks, where a read names none of its own. */
  readonly selectSettings?: ClickHouseSettings;
}

/** Values for `{name:Type}` in a statement: they travel beside it and are never part of its text. */
export type QueryParameters = Readonly<Record<string, string | number | bigint | readonly string[]>>;

export interface RequestOptions {
  readonly parameters?: QueryParameters;
  readonly signal?: AbortSignal;
  readonly settings?: ClickHouseSettings;
}

export interface SelectOptions extends RequestOptions {
  /** A longer answer is broken off with CLICKHOUSE_ANSWER_TOO_LARGE. */
  readonly maxBytes?: number;
  /** Columns of fixed-width values that are only looked at until the next block comes. */
  readonly transientColumns?: readonly string[];
}

export interface InsertOptions {
  readonly signal?: AbortSignal;
  readonly settings?: ClickHouseSettings;
  /** A repeat with the same token adds nothing, as long as the table remembers it. */
  readonly deduplicationToken?: string;
}

const DEFAULT_MAX_CONNECTIONS = 10;
const DEFAULT_IDLE_TIMEOUT_MS = 120_000;
const DEFAULT_MAX_ANSWER_BYTES = 8 * 2 ** 30;
/** The server takes 1 MiB of URL, in which the parameters travel. */
const MAX_PARAMETER_BYTES = 768 * 1024;

/**
 * A ClickHouse server over HTTP: statements with parameters, and blocks of columns in the Native format both ways.
 * Every fault comes as an AppError: the server's own by its number, anything on the way as CLICKHOUSE_UNAVAILABLE; an
 * aborted call rejects with the signal's reason and ends the query on the server. Safe for concurrent use.
 */
export class ClickHouse {
  readonly database: string;
  /** The server's address without credentials. */
  readonly safeUrl: string;
  readonly #options: ClickHouseOptions;
  readonly #client: ClickHouseClient;

  constructor(options: ClickHouseOptions) {
    this.#options = options;
    this.database = options.database;
    this.safeUrl = safeUrlOf(options.url);
    this.#client = createHttpClient(options, options.database);
  }

  /** Runs a statement whose answer does not matter. */
  async command(statement: string, options: RequestOptions = {}): Promise<void> {
    const answer = await this.#send(this.#client, statement, options);
    await drain(answer, this.safeUrl);
  }

  /** Creates the database of this connection where it is missing. */
  async createDatabase(): Promise<void> {
    const client = createHttpClient(this.#options, undefined);
    try {
      const parameters = { database: this.database };
      const answer = await this.#send(client, "CREATE DATABASE IF NOT EXISTS {database:Identifier}", { parameters });
      await drain(answer, this.safeUrl);
    } finally {
      await client.close();
    }
  }

  /** Inserts one block; it becomes one part a partition, and is stored when the promise resolves. */
  async insertNative(
    table: string,
    columns: readonly NativeColumn[],
    rowCount: number,
    options: InsertOptions = {},
  ): Promise<void> {
    const names = columns.map((column) => quoteIdentifier(column.name)).join(", ");
    const statement = `INSERT INTO ${quoteIdentifier(table)} (${names}) FORMAT Native`;
    const { deduplicationToken, signal } = options;
    const settings: ClickHouseSettings = {
      ...options.settings,
      async_insert: 0,
      ...(deduplicationToken === undefined ? {} : { insert_deduplication_token: deduplicationToken }),
    };
    const body = Readable.from(encodeNativeBlock(columns, rowCount), { objectMode: true });
    const answer = await this.#send(this.#client, statement, { settings, ...(signal && { signal }) }, body);
    await drain(answer, this.safeUrl);
  }

  /** Runs a query and gives its result block by block as it arrives; leaving the loop ends the query. */
  async *selectNative(query: string, options: SelectOptions = {}): AsyncGenerator<NativeBlock> {
    const settings: ClickHouseSettings = {
      low_cardinality_allow_in_native_format: 0,
      // The server watches the connection of read-only queries only.
      readonly: "2",
      cancel_http_readonly_queries_on_client_close: 1,
      max_query_size: "16777216",
      ...this.#options.selectSettings,
      ...options.settings,
    };
    const { maxBytes = DEFAULT_MAX_ANSWER_BYTES, signal, transientColumns } = options;
    const answer = await this.#send(this.#client, `${query}\nFORMAT Native`, { ...options, settings });
    const body = new AnswerStream(answer.stream, { signal, maxBytes, exceptionTag: answer.exceptionTag });
    const chunks = body[Symbol.asyncIterator]();
    try {
      yield* decodeNativeBlocks({ [Symbol.asyncIterator]: () => chunks }, transientColumns);
    } catch (error) {
      signal?.throwIfAborted();
      const isUnreadable = error instanceof AppError && error.code === "CLICKHOUSE_ANSWER_UNREADABLE";
      throw translateError(this.safeUrl, isUnreadable ? ((await body.exceptionBehind(chunks)) ?? error) : error);
    } finally {
      await chunks.return?.(undefined);
    }
  }

  /** The rows of a small result as JSON objects (64-bit integers come as strings). */
  async queryRows(query: string, options: RequestOptions = {}): Promise<Record<string, unknown>[]> {
    const settings: ClickHouseSettings = { output_format_json_quote_64bit_integers: 1, ...options.settings };
    const answer = await this.#send(this.#client, `${query}\nFORMAT JSONEachRow`, { ...options, settings });
    const text = await drain(answer, this.safeUrl);
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Whether the server answers; never throws. */
  async ping(): Promise<boolean> {
    return (await this.#client.ping({ select: false })).success;
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #send(
    client: ClickHouseClient,
    statement: string,
    { parameters, signal, settings }: RequestOptions,
    body?: Readable,
  ): Promise<Answer> {
    signal?.throwIfAborted();
    checkParameters(parameters);
    const request = {
      query: statement,
      ignore_error_response: true,
      ...(parameters && { query_params: parameters }),
      ...(signal && { abort_signal: signal }),
      ...(settings && { clickhouse_settings: settings }),
    };
    let result: Awaited<ReturnType<ClickHouseClient["exec"]>>;
    try {
      result = await client.exec(body === undefined ? request : { ...request, values: body });
    } catch (error) {
      signal?.throwIfAborted();
      throw translateError(this.safeUrl, error);
    }
    const { stream, response_headers: headers } = result;
    const failure = headers["x-clickhouse-exception-code"];
    if (failure !== undefined) {
      throw new ClickHouseServerError(Number(failure), await textOf(stream, this.safeUrl, "error"));
    }
    const status = result.http_status_code ?? 0;
    if (status < 200 || status >= 300) {
      stream.destroy();
      throw translateError(this.safeUrl, new Error(`HTTP status ${status}`));
    }
    const exceptionTag = headers["x-clickhouse-exception-tag"];
    return { stream, exceptionTag: typeof exceptionTag === "string" ? exceptionTag : undefined };
  }
}

interface Answer {
  readonly stream: Readable;
  readonly exceptionTag: string | undefined;
}

function createHttpClient(options: ClickHouseOptions, database: string | undefined): ClickHouseClient {
  return createClient({
    url: options.url,
    ...(database !== undefined && { database }),
    max_open_connections: options.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
    request_timeout: options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS,
    // Measured: compressing 1 M rows costs a second, sending them plainly 50–90 ms.
    compression: { request: false, response: false },
    keep_alive: { enabled: true, idle_socket_ttl: 2000, eagerly_destroy_stale_sockets: true },
    log: { level: ClickHouseLogLevel.OFF },
    application: "monotreme",
  });
}

async function drain(answer: Answer, safeUrl: string): Promise<string> {
  const body = new AnswerStream(answer.stream, {
    signal: undefined,
    maxBytes: DEFAULT_MAX_ANSWER_BYTES,
    exceptionTag: answer.exceptionTag,
  });
  return textOf(body, safeUrl, "answer");
}

async function textOf(body: AsyncIterable<Uint8Array>, safeUrl: string, what: "answer" | "error"): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk);
  } catch (error) {
    // An exception is known by its number; that its words are cut short does not matter.
    if (what === "answer") throw translateError(safeUrl, error);
  }
  return Buffer.concat(chunks).toString();
}

function checkParameters(parameters: QueryParameters = {}): void {
  let bytes = 0;
  for (const value of Object.values(parameters)) {
    for (const part of Array.isArray(value) ? value : [value])
      bytes += encodeURIComponent(escaped(String(part))).length;
  }
  if (bytes <= MAX_PARAMETER_BYTES) return;
  throw new AppError("CLICKHOUSE_PARAMETERS_TOO_LARGE", "limit", "the parameters of the query are too large");
}

/** Lone surrogates have no UTF-8 form; the client sends U+FFFD for them, and so must this count. */
function escaped(text: string): string {
  return Buffer.from(text).toString();
}

/** A name in backquotes; for names that the program itself gives. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll(/[\\`]/g, "\\$&")}\``;
}
