import { type FSWatcher, watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import { expandFilePattern } from "@monotreme/prometheus-config";
import type { Logger } from "@monotreme/telemetry";
import type { ScraperMetrics } from "../metrics.ts";
import { parseTargetFile } from "./target-file.ts";
import type { Discoverer, TargetGroup } from "./target-group.ts";

/** Editors write a file in several steps; one refresh follows all of them. */
const SETTLE_MS = 100;

export interface FileDiscoveryOptions {
  readonly patterns: readonly string[];
  readonly refreshIntervalMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ScraperMetrics;
}

/**
 * Reads targets from files, again whenever their folders change and at least every refresh interval. A file that
 * cannot be read or parsed keeps its last good groups; a file that is gone takes its groups along.
 */
export class FileDiscovery implements Discoverer {
  readonly #options: FileDiscoveryOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #groupsOf = new Map<string, readonly TargetGroup[]>();
  #onGroups: (groups: readonly TargetGroup[]) => void = () => undefined;
  #cancelTimer: () => void = () => undefined;
  #refreshing: Promise<void> | undefined;
  #isChanged = false;
  #isClosed = false;

  constructor(options: FileDiscoveryOptions) {
    this.#options = options;
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
    const groupsOf = new Map<string, readonly TargetGroup[]>();
    for (const pattern of this.#options.patterns) {
      for (const path of await this.#pathsOf(pattern)) groupsOf.set(path, await this.#readFile(path));
    }
    this.#groupsOf = groupsOf;
    if (!this.#isClosed) this.#onGroups([...groupsOf.values()].flat());
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
    this.#options.metrics.refreshFailures.inc({ mechanism: "file" });
    this.#options.logger.error({ path, reason: messageOf(error) }, "target file not read");
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
