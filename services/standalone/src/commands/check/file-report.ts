import { messageOf } from "@monotreme/errors";
import { ConfigFileError } from "@monotreme/prometheus-config";
import { RuleFileError } from "@monotreme/rules";

/** What a check found in one file. */
export interface FileReport {
  readonly path: string;
  /** What is there, one line each: `2 rules found`. */
  readonly found: readonly string[];
  readonly warnings: readonly string[];
  /** Each as `file:line:column: what is wrong` where the place is known; none: the file is fine. */
  readonly faults: readonly string[];
}

/** A file that cannot be used: every fault that the error tells. */
export function brokenFile(path: string, error: unknown): FileReport {
  const isList = error instanceof ConfigFileError || error instanceof RuleFileError;
  const faults = isList ? error.faults : [messageOf(error)];
  return {
    path,
    found: [],
    warnings: [],
    faults: faults.map((fault) => (fault.startsWith(path) ? fault : `${path}: ${fault}`)),
  };
}

/** `1 rule`, `2 rules`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
