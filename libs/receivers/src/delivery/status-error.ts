import type { IncomingHttpHeaders } from "node:http";
import { truncateRunes } from "../truncate-text.ts";
import { DeliveryError, type DeliveryFailureReason } from "../delivery-error.ts";
import { retryAfterMs } from "./retry-after.ts";

const MAX_DETAIL_RUNES = 500;

export interface StatusErrorOptions {
  /** Already without secrets. */
  readonly details: string;
  /** Statuses beside 429 and 5xx that are worth another try. */
  readonly retriedStatuses: readonly number[];
  readonly nowMs: number;
}

/** The error for a status that is no success, in upstream's words. 429 may be tried again everywhere. */
export function statusError(
  answer: { readonly status: number; readonly headers: IncomingHttpHeaders },
  options: StatusErrorOptions,
): DeliveryError {
  const { status } = answer;
  const details = truncateRunes(options.details.trim(), MAX_DETAIL_RUNES);
  return new DeliveryError(`unexpected status code ${status}${details === "" ? "" : `: ${details}`}`, {
    isRetryable: status === 429 || Math.trunc(status / 100) === 5 || options.retriedStatuses.includes(status),
    reason: reasonOfStatus(status),
    retryAfterMs: retryAfterMs(answer.headers["retry-after"], options.nowMs),
  });
}

/** Upstream's `reason` label for a status. */
export function reasonOfStatus(status: number): DeliveryFailureReason {
  if (status === 401 || status === 403) return "authError";
  if (status === 429) return "rateLimited";
  if (Math.trunc(status / 100) === 4) return "clientError";
  return Math.trunc(status / 100) === 5 ? "serverError" : "other";
}
