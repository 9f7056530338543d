import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "@monotreme/errors";
import { ConfigFileError } from "../config-file-error.ts";
import { isMissing } from "../file-pattern.ts";
import {
  type LimitSet,
  type LimitsFile,
  NO_LIMITS,
  parseLimitsFile,
  type TenantIngestLimits,
  type TenantQueryLimits,
} from "./limits-file.ts";

/**
 * The limits of `--limits.config.file`, looked up by tenant. A reload that fails throws and leaves what was in force.
 */
export class TenantLimits {
  readonly #path: string | undefined;
  #file: LimitsFile = NO_LIMITS;

  private constructor(path: string | undefined) {
    this.#path = path;
  }

  /** Reads the file; without a path there are no limits beside the flags'. Throws `ConfigFileError`. */
  static async open(path: string | undefined): Promise<TenantLimits> {
    const limits = new TenantLimits(path);
    await limits.reload();
    return limits;
  }

  /** Reads the file again. */
  async reload(): Promise<void> {
    if (this.#path !== undefined) this.#file = parseLimitsFile(await readLimitsText(this.#path));
  }

  queryOf(tenant: string): TenantQueryLimits {
    return this.#of(tenant).query;
  }

  ingestOf(tenant: string): TenantIngestLimits {
    return this.#of(tenant).ingest;
  }

  #of(tenant: string): LimitSet {
    return this.#file.tenants.get(tenant) ?? this.#file.defaults;
  }
}

async function readLimitsText(path: string): Promise<Parameters<typeof parseLimitsFile>[0]> {
  try {
    return { fileName: path, folder: dirname(path), text: await readFile(path, "utf8") };
  } catch (error) {
    const reason = isMissing(error) ? "no such file" : messageOf(error);
    throw new ConfigFileError([`${path}: cannot read the limits file: ${reason}; see --limits.config.file`], error);
  }
}
