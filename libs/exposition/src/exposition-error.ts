import { AppError } from "@monotreme/errors";

/** How much of the offending line a message shows. */
const EXCERPT_BYTES = 80;

/** A scrape body, or its content type, that the exposition formats forbid: the whole scrape is to be discarded. */
export class ExpositionError extends AppError {
  /** The line of the body at fault, from 1; undefined where the fault is not in the body. */
  readonly line: number | undefined;

  constructor(code: "EXPOSITION_INVALID" | "EXPOSITION_CONTENT_TYPE", message: string, line?: number) {
    super(code, "invalid", line === undefined ? message : `line ${line}: ${message}`);
    this.line = line;
  }
}

/** The error for a fault at a byte of a body: its line number, what was expected there and the line's beginning. */
export function expositionErrorAt(body: Buffer, offset: number, problem: string): ExpositionError {
  let line = 1;
  let lineStart = 0;
  for (let at = body.indexOf(10); at >= 0 && at < offset; at = body.indexOf(10, at + 1)) {
    line++;
    lineStart = at + 1;
  }
  const newline = body.indexOf(10, lineStart);
  const lineEnd = newline < 0 ? body.length : newline;
  const excerpt = body.toString("utf8", lineStart, Math.min(lineEnd, lineStart + EXCERPT_BYTES));
  const column = Math.min(offset, body.length) - lineStart + 1;
  return new ExpositionError("EXPOSITION_INVALID", `${problem} at byte ${column} of ${JSON.stringify(excerpt)}`, line);
}
