import { AppError } from "@monotreme/errors";

export type ScrapeFailureReason =
  | "request"
  | "timeout"
  | "status"
  | "content"
  | "body-size"
  | "sample-limit"
  | "label-limit"
  | "series";

/** A scrape that gives no samples; `up` becomes 0 and the message stands in the target's `lastError`. */
export class ScrapeError extends AppError {
  readonly reason: ScrapeFailureReason;

  constructor(reason: ScrapeFailureReason, message: string, cause?: unknown) {
    super("SCRAPE_FAILED", reason === "timeout" ? "timeout" : "unavailable", message, { cause });
    this.reason = reason;
  }
}
