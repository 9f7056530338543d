import { AppError } from "@monotreme/errors";

/** A test script that cannot be read. Parsers of parts throw it without a place; the script's reader adds that. */
export class ScriptError extends AppError {
  constructor(text: string) {
    super("PROMQL_SCRIPT", "invalid", text);
    this.name = "ScriptError";
  }
}
