import type { BucketEntry, VersionedBucket } from "@monotreme/bus";
import type { Logger } from "@monotreme/telemetry";
import type { CheckDefinition } from "./check.ts";
import type { CheckTiming } from "./deadline.ts";
import { decodeCheck, encodeCheck, type StoredCheck } from "./stored-check.ts";
import { timingOf } from "./timing-of.ts";

/** A check in memory, with its timing parsed. */
export interface LoadedCheck extends StoredCheck {
  readonly timing: CheckTiming;
  /** Of the bucket. */
  readonly revision: number;
}

export interface CheckStoreOptions {
  readonly bucket: VersionedBucket;
  readonly logger: Logger;
  /** Called when a check appears, changes or goes, whoever did it; also for every check while loading. */
  readonly onChange: (id: string, check: LoadedCheck | undefined) => void;
}

/**
 * All checks, in memory and in their bucket, which is the truth. Changes are compare-and-set, one at a time for each
 * check in this process, and are durable when their promise resolves.
 */
export class CheckStore {
  readonly #options: CheckStoreOptions;
  readonly #checks = new Map<string, LoadedCheck>();
  /** Ids by `project/slug`; a slug may be used twice. */
  readonly #bySlug = new Map<string, Set<string>>();
  readonly #byProject = new Map<string, Set<string>>();
  readonly #byBadgeKey = new Map<string, string>();
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(options: CheckStoreOptions) {
    this.#options = options;
  }

  /** Resolves when every check is loaded. */
  async start(): Promise<void> {
    await this.#options.bucket.follow((entry) => this.#accept(entry));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#queues.values());
    await this.#options.bucket.close();
  }

  get size(): number {
    return this.#checks.size;
  }

  get(id: string): LoadedCheck | undefined {
    return this.#checks.get(id);
  }

  all(): IterableIterator<LoadedCheck> {
    return this.#checks.values();
  }

  ofProject(project: string): LoadedCheck[] {
    return this.#withIds(this.#byProject.get(project));
  }

  countOf(project: string): number {
    return this.#byProject.get(project)?.size ?? 0;
  }

  withBadgeKey(key: string): LoadedCheck | undefined {
    return this.#checks.get(this.#byBadgeKey.get(key) ?? "");
  }

  withSlug(project: string, slug: string): LoadedCheck[] {
    return this.#withIds(this.#bySlug.get(slugKey(project, slug)));
  }

  /** Writes a new check; false where the id is taken. */
  async create(check: StoredCheck): Promise<boolean> {
    const { id } = check.definition;
    return this.#inTurn(id, async () => {
      if (this.#checks.has(id)) return false;
      if ((await this.#write(check, 0)) !== undefined) return true;
      // Somebody was quicker, or the id was used before and its mark of removal is still there.
      await this.#refresh(id);
      if (this.#checks.has(id)) return false;
      const removed = await this.#options.bucket.get(id);
      return removed !== undefined && (await this.#write(check, removed.revision)) !== undefined;
    });
  }

  /**
   * Changes a check: `change` gets it as it is now and gives what it is to become, or undefined to leave it. It is called
   * again when somebody else was quicker. Resolves to the check afterwards, or undefined where there is none.
   */
  async update(id: string, change: (check: LoadedCheck) => StoredCheck | undefined): Promise<LoadedCheck | undefined> {
    return this.#inTurn(id, async () => {
      for (;;) {
        const current = this.#checks.get(id);
        if (current === undefined) return undefined;
        const changed = change(current);
        if (changed === undefined) return current;
        const written = await this.#write(changed, current.revision);
        if (written !== undefined) return written;
        await this.#refresh(id);
      }
    });
  }

  async remove(id: string): Promise<LoadedCheck | undefined> {
    return this.#inTurn(id, async () => {
      const check = this.#checks.get(id);
      if (check === undefined) return undefined;
      await this.#options.bucket.remove(id);
      this.#forget(id);
      return check;
    });
  }

  async #write(check: StoredCheck, lastRevision: number): Promise<LoadedCheck | undefined> {
    const { id } = check.definition;
    const revision = await this.#options.bucket.put(id, encodeCheck(check), lastRevision);
    return revision === undefined ? undefined : this.#remember(check, revision);
  }

  /** Somebody else wrote: takes what is there now. */
  async #refresh(id: string): Promise<void> {
    const entry = await this.#options.bucket.get(id);
    if (entry?.value === undefined) this.#forget(id);
    else this.#accept(entry);
  }

  #accept({ key, value, revision }: BucketEntry): void {
    const known = this.#checks.get(key);
    if (known !== undefined && known.revision >= revision) return;
    if (value === undefined) this.#forget(key);
    else this.#remember(decodeCheck(value), revision);
  }

  #remember(check: StoredCheck, revision: number): LoadedCheck {
    const { id } = check.definition;
    const known = this.#checks.get(id);
    const loaded: LoadedCheck = { ...check, timing: sameTiming(known, check.definition), revision };
    this.#checks.set(id, loaded);
    if (known?.definition !== check.definition) {
      if (known !== undefined) this.#unindex(known);
      this.#index(loaded);
    }
    this.#options.onChange(id, loaded);
    return loaded;
  }

  #index({ definition: { id, project, slug }, badgeKey }: LoadedCheck): void {
    addTo(this.#bySlug, slugKey(project, slug), id);
    addTo(this.#byProject, project, id);
    this.#byBadgeKey.set(badgeKey, id);
  }

  #forget(id: string): void {
    const known = this.#checks.get(id);
    if (known === undefined) return;
    this.#checks.delete(id);
    this.#unindex(known);
    this.#options.onChange(id, undefined);
  }

  #unindex({ definition: { id, project, slug }, badgeKey }: LoadedCheck): void {
    removeFrom(this.#bySlug, slugKey(project, slug), id);
    removeFrom(this.#byProject, project, id);
    this.#byBadgeKey.delete(badgeKey);
  }

  #withIds(ids: ReadonlySet<string> = new Set()): LoadedCheck[] {
    return [...ids].map((id) => this.#checks.get(id)).filter((check) => check !== undefined);
  }

  /** Runs tasks of one check one after the other. */
  async #inTurn<T>(id: string, task: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(id) ?? Promise.resolve();
    const running = before.then(task, task);
    this.#queues.set(id, running);
    try {
      return await running;
    } finally {
      if (this.#queues.get(id) === running) this.#queues.delete(id);
    }
  }
}

function slugKey(project: string, slug: string): string {
  return `${project}/${slug}`;
}

function addTo(index: Map<string, Set<string>>, key: string, id: string): void {
  const ids = index.get(key);
  if (ids === undefined) index.set(key, new Set([id]));
  else ids.add(id);
}

function removeFrom(index: Map<string, Set<string>>, key: string, id: string): void {
  const ids = index.get(key);
  ids?.delete(id);
  if (ids?.size === 0) index.delete(key);
}

/** Pings do not change the schedule, so it need not be parsed again. */
function sameTiming(known: LoadedCheck | undefined, definition: CheckDefinition): CheckTiming {
  const before = known?.definition;
  const isSame =
    before !== undefined &&
    before.graceMs === definition.graceMs &&
    JSON.stringify(before.schedule) === JSON.stringify(definition.schedule);
  return isSame && known !== undefined ? known.timing : timingOf(definition);
}
