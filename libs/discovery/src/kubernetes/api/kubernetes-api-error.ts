import { AppError } from "@monotreme/errors";
import { type JsonObject, numberOf, objectOf, textOf } from "../objects/json-value.ts";

const MAX_RETRY_AFTER_MS = 60_000;

/** What the API server answered instead of objects. */
export class KubernetesApiError extends AppError {
  /** HTTP status, or the code of an error event; 0 where there was no answer. */
  readonly status: number;
  /** How long the server asks to wait. */
  readonly retryAfterMs: number;

  constructor(message: string, status: number, retryAfterMs = 0, cause?: unknown) {
    super("KUBERNETES_API_FAILED", "unavailable", message, { cause });
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The history that a version or a page belongs to is gone: everything has to be listed again. */
export function isGone(error: unknown): boolean {
  return error instanceof KubernetesApiError && error.status === 410;
}

/** The server has no such kind of objects: nobody has defined it (yet). */
export function isUnknownResource(error: unknown): boolean {
  return error instanceof KubernetesApiError && error.status === 404;
}

/** What an ERROR event of a watch says. */
export function errorOfEvent(object: JsonObject): KubernetesApiError {
  const message = textOf(object["message"]).slice(0, 500) || "no reason given";
  const seconds = numberOf(objectOf(object["details"])["retryAfterSeconds"]) ?? 0;
  return new KubernetesApiError(`a watch ended: ${message}`, numberOf(object["code"]) ?? 0, retryAfterMsOf(seconds));
}

/** A wish to wait, up to a minute; 0 for anything that is no number of seconds. */
export function retryAfterMsOf(seconds: number): number {
  return Number.isFinite(seconds) ? Math.min(MAX_RETRY_AFTER_MS, Math.max(0, seconds * 1000)) : 0;
}
