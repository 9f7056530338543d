import { AppError } from "@monotreme/errors";

/** A silence that cannot be: no matcher, a broken pattern, only matchers that accept everything. */
export class InvalidSilenceError extends AppError {
  constructor(message: string, cause?: unknown) {
    super("SILENCE_INVALID", "invalid", `invalid silence: ${message}`, { cause });
  }
}

/** `--silences.max-silences` or `--silences.max-silence-size-bytes` is reached. */
export class SilenceLimitError extends AppError {
  constructor(message: string) {
    super("SILENCE_LIMIT", "limit", message);
  }
}

/** There is no silence of that id (any more). */
export class SilenceNotFoundError extends AppError {
  constructor(id: string) {
    super("SILENCE_NOT_FOUND", "not-found", `silence not found: ${id}`);
  }
}

/** Others changed the silence each time that we tried to. */
export class SilenceConflictError extends AppError {
  constructor(id: string) {
    super("SILENCE_CONFLICT", "conflict", `silence ${id} was changed by someone else at the same time; try again`);
  }
}
