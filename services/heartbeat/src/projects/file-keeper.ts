import type { HeartbeatMetrics } from "../metrics.ts";
import { type ApplyOptions, applyFileChecks } from "./apply-file-checks.ts";
import { type LoadedFile, loadHeartbeatFile } from "./load-heartbeat-file.ts";
import type { ProjectDirectory } from "./project-directory.ts";

export interface FileKeeperOptions extends ApplyOptions {
  /** Undefined: there is no file, and there will be none. */
  readonly path: string | undefined;
  readonly projects: ProjectDirectory;
  readonly metrics: HeartbeatMetrics;
}

/** Keeps projects and their checks as the file says. */
export class FileKeeper {
  readonly #options: FileKeeperOptions;

  constructor(options: FileKeeperOptions) {
    this.#options = options;
  }

  /** Makes the checks be those of the file, or of none. */
  async apply(loaded: LoadedFile | undefined): Promise<void> {
    const { metrics, now } = this.#options;
    await applyFileChecks(loaded?.checks ?? [], this.#options);
    metrics.isFileGood.set(1);
    metrics.fileReadSeconds.set(now() / 1000);
  }

  /** Reads the file again; rejects with its faults, and then nothing has changed. */
  async reload(): Promise<void> {
    const { path, projects, metrics } = this.#options;
    if (path === undefined) return;
    try {
      const loaded = await loadHeartbeatFile(path);
      projects.use(loaded.projects);
      await this.apply(loaded);
    } catch (error) {
      metrics.isFileGood.set(0);
      throw error;
    }
  }
}
