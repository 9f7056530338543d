import { AppError, type ErrorKind } from "@monotreme/errors";

export type HttpClientFailureReason =
  | "address"
  | "credentials"
  | "connection"
  | "redirect"
  | "encoding"
  | "body-size"
  | "timeout"
  | "canceled";

const KINDS: Readonly<Record<HttpClientFailureReason, ErrorKind>> = {
  address: "invalid",
  credentials: "unavailable",
  connection: "unavailable",
  redirect: "unavailable",
  encoding: "unavailable",
  "body-size": "limit",
  timeout: "timeout",
  canceled: "canceled",
};

/** A request without a usable answer. The message names files and hosts, never an address' path or a secret. */
export class HttpClientError extends AppError {
  readonly reason: HttpClientFailureReason;

  constructor(reason: HttpClientFailureReason, message: string, cause?: unknown) {
    super("HTTP_CLIENT_FAILED", KINDS[reason], message, { cause });
    this.reason = reason;
  }
}
