import { AppError } from "@monotreme/errors";

/** A text that is no matcher, or no list of matchers; the message says where and what was expected. */
export class MatcherParseError extends AppError {
  constructor(message: string, cause?: unknown) {
    super("MATCHER_INVALID", "invalid", message, { cause });
    this.name = "MatcherParseError";
  }
}
