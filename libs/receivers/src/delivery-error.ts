import { AppError } from "@monotreme/errors";

/** Why a delivery failed, in the words of upstream's `reason` label. */
export type DeliveryFailureReason =
  | "clientError"
  | "serverError"
  | "authError"
  | "rateLimited"
  | "contextCanceled"
  | "contextDeadlineExceeded"
  | "other";

export interface DeliveryErrorOptions {
  readonly isRetryable: boolean;
  readonly reason: DeliveryFailureReason;
  /** What the service asked for; never negative. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** A notification that a service did not take. The message is for people and holds no secret. */
export class DeliveryError extends AppError {
  readonly isRetryable: boolean;
  readonly reason: DeliveryFailureReason;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: DeliveryErrorOptions) {
    super("DELIVERY_FAILED", options.isRetryable ? "unavailable" : "invalid", message, { cause: options.cause });
    this.isRetryable = options.isRetryable;
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}
