import { messageOf } from "@monotreme/errors";
import { HttpClientError } from "./http-client-error.ts";

/** Errors of sockets, TLS and aborts in our words; those name hosts and ports only. */
export function translateNetworkError(error: unknown, signal: AbortSignal): HttpClientError {
  if (error instanceof HttpClientError) return error;
  if (signal.aborted) {
    const isTimeout = signal.reason instanceof Error && signal.reason.name === "TimeoutError";
    return isTimeout
      ? new HttpClientError("timeout", "no whole answer in time", error)
      : new HttpClientError("canceled", "the request was ended", error);
  }
  return new HttpClientError("connection", describeNetworkError(error), error);
}

export function isConnectionReset(error: Error): boolean {
  return "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}

/** An error of several addresses has no message of its own. */
function describeNetworkError(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(messageOf).join("; ") : messageOf(error);
}
