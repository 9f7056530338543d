import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "@monotreme/errors";
import { expandFilePattern } from "@monotreme/prometheus-config";
import type { Logger } from "@monotreme/telemetry";
import { parseTargetFile } from "./target-file.ts";
import type { TargetGroup } from "./target-group.ts";

export interface TargetFilesOptions {
  /** Paths whose last part may hold a `*`. */
  readonly patterns: readonly string[];
  readonly logger: Logger;
  /** Called for each file or pattern that could not be read, beside a line in the log. */
  readonly onFault?: () => void;
}

/**
 * Reads targets from files. One that cannot be read or parsed keeps its last good groups; one that is gone takes its
 * groups along.
 */
export class TargetFiles {
  readonly #options: TargetFilesOptions;
  #groupsOf = new Map<string, readonly TargetGroup[]>();

  constructor(options: TargetFilesOptions) {
    this.#options = options;
  }

  /** Everything that the files say now; never rejects. To be called one at a time. */
  async read(): Promise<readonly TargetGroup[]> {
    const groupsOf = new Map<string, readonly TargetGroup[]>();
    for (const pattern of this.#options.patterns) {
      for (const path of await this.#pathsOf(pattern)) groupsOf.set(path, await this.#readFile(path));
    }
    this.#groupsOf = groupsOf;
    return [...groupsOf.values()].flat();
  }

  async #pathsOf(pattern: string): Promise<readonly string[]> {
    try {
      return await expandFilePattern(pattern);
    } catch (error) {
      this.#fail(pattern, error);
      const folder = dirname(pattern);
      return [...this.#groupsOf.keys()].filter((path) => dirname(path) === folder);
    }
  }

  async #readFile(path: string): Promise<readonly TargetGroup[]> {
    try {
      return parseTargetFile(path, await readFile(path, "utf8"));
    } catch (error) {
      this.#fail(path, error);
      const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
      return isMissing ? [] : (this.#groupsOf.get(path) ?? []);
    }
  }

  #fail(path: string, error: unknown): void {
    this.#options.onFault?.();
    this.#options.logger.error({ path, reason: messageOf(error) }, "target file not read");
  }
}
