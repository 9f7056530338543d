import { AppError } from "@monotreme/errors";

/**
 * Rules that cannot be used. The message lists every fault, each as `file:line:column: what is wrong`; `faults` has the
 * same lines one by one.
 */
export class RuleFileError extends AppError {
  readonly faults: readonly string[];

  constructor(faults: readonly string[], cause?: unknown) {
    const message = faults.length === 1 ? (faults[0] ?? "") : `${faults.length} faults:\n${faults.join("\n")}`;
    super("RULE_FILE_INVALID", "invalid", message, { cause });
    this.name = "RuleFileError";
    this.faults = faults;
  }
}
