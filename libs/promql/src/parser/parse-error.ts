import { AppError } from "@monotreme/errors";
import type { PositionRange } from "../ast.ts";

/** A query that is not PromQL; the message is `<line>:<column>: parse error: <text>`, as Prometheus words it. */
export class ParseError extends AppError {
  readonly position: PositionRange;

  constructor(position: PositionRange, text: string) {
    super("PROMQL_PARSE", "invalid", `${position.line}:${position.column}: parse error: ${text}`);
    this.name = "ParseError";
    this.position = position;
  }
}
