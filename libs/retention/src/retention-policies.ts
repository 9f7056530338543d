import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "@monotreme/errors";
import { ConfigFileError, type ConfigText, isMissing } from "@monotreme/prometheus-config";
import { type ParsedRetentionPolicy, parseRetentionPolicy, type RetentionDefaults } from "./parse-retention-policy.ts";
import { DEFAULT_RETENTION } from "./retention-class.ts";
import { RetentionPolicy } from "./retention-policy.ts";

/** What flags say of retention; what is undefined there, the built-in defaults say. */
export interface RetentionFlags {
  /** `--retention.policy.file`. */
  readonly path: string | undefined;
  /** `--storage.tsdb.retention.time`, or `storage.tsdb.retention.time` of prometheus.yml. */
  readonly rawMs: number | undefined;
  /** `--storage.tsdb.retention.size`, or `storage.tsdb.retention.size` of prometheus.yml. */
  readonly maxSizeBytes: number | undefined;
}

/** The policy in force. A reload that fails throws and leaves what was in force. */
export class RetentionPolicies {
  readonly #path: string | undefined;
  readonly #fallback: RetentionDefaults;
  #parsed: ParsedRetentionPolicy;

  private constructor({ path, rawMs, maxSizeBytes }: RetentionFlags) {
    this.#path = path;
    this.#fallback = { times: { ...DEFAULT_RETENTION, ...(rawMs !== undefined && { rawMs }) }, maxSizeBytes };
    const policy = new RetentionPolicy({ defaults: this.#fallback.times, classes: [], maxSizeBytes });
    this.#parsed = { policy, warnings: [] };
  }

  /** Reads the file; without one the defaults hold. Throws `ConfigFileError`. */
  static async open(flags: RetentionFlags): Promise<RetentionPolicies> {
    const policies = new RetentionPolicies(flags);
    await policies.reload();
    return policies;
  }

  get current(): RetentionPolicy {
    return this.#parsed.policy;
  }

  /** What in the file is allowed but probably not meant, each with its place. */
  get warnings(): readonly string[] {
    return this.#parsed.warnings;
  }

  /** Reads the file again. */
  async reload(): Promise<void> {
    if (this.#path !== undefined) {
      this.#parsed = parseRetentionPolicy(await readPolicyText(this.#path), this.#fallback);
    }
  }
}

async function readPolicyText(path: string): Promise<ConfigText> {
  try {
    return { fileName: path, folder: dirname(path), text: await readFile(path, "utf8") };
  } catch (error) {
    const reason = isMissing(error) ? "no such file" : messageOf(error);
    throw new ConfigFileError([`${path}: cannot read the policy: ${reason}; see --retention.policy.file`], error);
  }
}
