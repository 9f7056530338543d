import { AppError } from "@monotreme/errors";

/**
 * A configuration file that cannot be used. The message lists every fault, each as `file:line:column: what is wrong`;
 * `faults` has the same lines one by one.
 */
export class ConfigFileError extends AppError {
  readonly faults: readonly string[];

  constructor(faults: readonly string[], cause?: unknown) {
    const message = faults.length === 1 ? (faults[0] ?? "") : `${faults.length} faults:\n${faults.join("\n")}`;
    super("CONFIG_FILE_INVALID", "invalid", message, { cause });
    this.name = "ConfigFileError";
    this.faults = faults;
  }
}
