/** What kind of fault an error is; every adapter derives its answer from it (see `behaviour.ts`). */
export type ErrorKind =
  | "invalid"
  | "not-found"
  | "conflict"
  | "limit"
  | "timeout"
  | "canceled"
  | "unavailable"
  | "internal";

export interface AppErrorOptions {
  readonly cause?: unknown;
}

/**
 * A fault that the program knows: `code` is constant and documented in docs/errors.md, `kind` decides how adapters
 * answer, and the message is written for the person who has to act on it (never a secret, never a stack trace).
 */
export class AppError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;

  constructor(code: string, kind: ErrorKind, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.kind = kind;
  }
}

/** The text of anything that was thrown, for messages and logs. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
