import { createWriteStream, type WriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { AppError, messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import { type FinishedQuery, statisticsOf } from "./finished-query.ts";

/** Lines beyond this wait for no disk: they are dropped and counted. */
const MAX_BUFFERED_BYTES = 8 * 2 ** 20;

export interface QueryLogOptions {
  readonly logger: Logger;
}

/**
 * Upstream's query log (`query_log_file`): one JSON object a line for each query that ended. The file is opened anew by
 * every `use`, so that a reload follows a rotation. Lines that a slow disk cannot take are dropped and counted.
 */
export class QueryLog {
  readonly #logger: Logger;
  #stream: WriteStream | undefined;
  #dropped = 0;

  constructor({ logger }: QueryLogOptions) {
    this.#logger = logger;
  }

  get isEnabled(): boolean {
    return this.#stream !== undefined;
  }

  /** Lines that were not written. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Writes to that file from now on; undefined: to none. Rejects where it cannot be opened: the last one stays. */
  async use(path: string | undefined): Promise<void> {
    const next = path === undefined ? undefined : await openLog(path);
    next?.on("error", (error) => {
      this.#logger.error({ err: error, file: path }, "query log failed");
      if (this.#stream === next) this.#stream = undefined;
    });
    const last = this.#stream;
    this.#stream = next;
    if (last !== undefined) await ended(last);
  }

  add(query: FinishedQuery): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    if (stream.writableLength > MAX_BUFFERED_BYTES) this.#dropped++;
    else stream.write(`${queryLogLine(query, new Date())}\n`);
  }

  /** Writes what waits. */
  async close(): Promise<void> {
    const last = this.#stream;
    this.#stream = undefined;
    if (last !== undefined) await ended(last);
  }
}

async function openLog(path: string): Promise<WriteStream> {
  try {
    // Opened here so that a fault is one of the reload, not of the first query.
    await (await open(path, "a")).close();
  } catch (error) {
    throw new AppError("QUERY_LOG_FILE", "invalid", `query_log_file cannot be opened: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return createWriteStream(path, { flags: "a" });
}

async function ended(stream: WriteStream): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.once("error", () => resolve());
    stream.end(() => resolve());
  });
}

/** The line of one query, with upstream's fields. */
export function queryLogLine({ request, result, error }: FinishedQuery, now: Date): string {
  const { range, origin, tenant } = request;
  return JSON.stringify({
    time: now.toISOString(),
    level: "INFO",
    msg: "promql query logged",
    params: {
      query: request.text,
      start: isoTime(range.startMs),
      end: isoTime(range.endMs),
      step: Math.trunc(range.stepMs / 1000),
    },
    ...(error === undefined ? {} : { error: messageOf(error) }),
    ...(result === undefined ? {} : { stats: statisticsOf(result) }),
    httpRequest: { clientIP: origin.clientIp, method: origin.method, path: origin.path },
    tenant,
  });
}

/** Instants beyond what dates hold count as their ends. */
function isoTime(timestampMs: number): string {
  const furthestMs = 8.64e15;
  return new Date(Math.min(Math.max(timestampMs, -furthestMs), furthestMs)).toISOString();
}
