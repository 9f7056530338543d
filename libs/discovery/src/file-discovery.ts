import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import { TargetFiles, type TargetFilesOptions } from "./target-files.ts";
import type { Discoverer, TargetGroup } from "./target-group.ts";

/** Editors write a file in several steps; one refresh follows all of them. */
const SETTLE_MS = 100;

export interface FileDiscoveryOptions extends TargetFilesOptions {
  readonly refreshIntervalMs: number;
  readonly clock: Clock;
}

/** Reads targets from files, again whenever their folders change and at least every refresh interval. */
export class FileDiscovery implements Discoverer {
  readonly #options: FileDiscoveryOptions;
  readonly #files: TargetFiles;
  readonly #watchers = new Map<string, FSWatcher>();
  #onGroups: (groups: readonly TargetGroup[]) => void = () => undefined;
  #cancelTimer: () => void = () => undefined;
  #refreshing: Promise<void> | undefined;
  #isChanged = false;
  #isClosed = false;

  constructor(options: FileDiscoveryOptions) {
    this.#options = options;
    this.#files = new TargetFiles(options);
  }

  start(onGroups: (groups: readonly TargetGroup[]) => void): void {
    this.#onGroups = onGroups;
    this.#refresh();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    await this.#refreshing;
  }

  /** One refresh at a time; a change while one runs brings another. */
  #refresh(): void {
    if (this.#isClosed) return;
    if (this.#refreshing !== undefined) {
      this.#isChanged = true;
      return;
    }
    this.#cancelTimer();
    this.#isChanged = false;
    this.#refreshing = this.#readAll().finally(() => {
      this.#refreshing = undefined;
      if (!this.#isClosed) this.#scheduleRefresh(this.#isChanged ? SETTLE_MS : this.#options.refreshIntervalMs);
    });
  }

  #scheduleRefresh(delayMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(delayMs, () => this.#refresh());
  }

  /** Never rejects. */
  async #readAll(): Promise<void> {
    this.#watchFolders();
    const groups = await this.#files.read();
    if (!this.#isClosed) this.#onGroups(groups);
  }

  /** Folders are watched and not files, because files are often replaced by renaming. */
  #watchFolders(): void {
    for (const folder of new Set(this.#options.patterns.map((pattern) => dirname(pattern)))) {
      if (this.#watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { persistent: false }, () => {
          if (this.#refreshing === undefined) this.#scheduleRefresh(SETTLE_MS);
          else this.#isChanged = true;
        });
        watcher.on("error", () => this.#forget(folder));
        this.#watchers.set(folder, watcher);
      } catch (error) {
        // The folder may come later; the next refresh tries again.
        this.#options.logger.debug({ folder, reason: messageOf(error) }, "folder not watched");
      }
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}
