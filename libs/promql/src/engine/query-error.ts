import { AppError, type ErrorKind } from "@monotreme/errors";

/** A query that cannot be evaluated: label sets that collide, matching that is not unique, bad parameters. */
export class QueryExecutionError extends AppError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super("QUERY_EXECUTION_FAILED", "limit", message, options);
    this.name = "QueryExecutionError";
  }
}

/** A query that asks for something that makes no sense before it is run, such as a range query of a string. */
export class QueryInvalidError extends AppError {
  constructor(message: string) {
    super("QUERY_INVALID", "invalid", message);
    this.name = "QueryInvalidError";
  }
}

/** More samples would be held in memory at once than the query's limit allows. */
export class TooManySamplesError extends AppError {
  constructor() {
    super(
      "QUERY_TOO_MANY_SAMPLES",
      "limit",
      "query processing would load too many samples into memory in query execution",
    );
    this.name = "TooManySamplesError";
  }
}

/** The query ran into its deadline or was canceled by its caller. */
export class QueryStoppedError extends AppError {
  constructor(kind: Extract<ErrorKind, "timeout" | "canceled">, cause?: unknown) {
    super(
      kind === "timeout" ? "QUERY_TIMED_OUT" : "QUERY_CANCELED",
      kind,
      kind === "timeout" ? "query timed out in expression evaluation" : "query was canceled in expression evaluation",
      { cause },
    );
    this.name = "QueryStoppedError";
  }
}

/** The error for an aborted signal: a timeout where its reason says so, else a cancellation. */
export function stoppedErrorOf(signal: AbortSignal): QueryStoppedError {
  const reason: unknown = signal.reason;
  const isTimeout = reason instanceof Error && reason.name === "TimeoutError";
  return new QueryStoppedError(isTimeout ? "timeout" : "canceled", reason);
}
